// The verbs of the admin API, each from one request to its answer. For api.cc alone.
#ifndef PULLPROOF_MOCKREGISTRY_ADMIN_VERBS_H_
#define PULLPROOF_MOCKREGISTRY_ADMIN_VERBS_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/table_reader.h"
#include "mockregistry/admin/house.h"
#include "mockregistry/api/message.h"

namespace pullproof::mockregistry::admin {

// One request on its way to an answer.
struct Call {
  const api::Request& request;
  std::vector<std::pair<std::string, std::string>> query;  // decoded
  std::shared_ptr<Tenant> tenant;  // of "{registry}"; not null for routes that have it
  std::string rule;                // of "{rule}", decoded
  House& house;
  const std::function<void()>& shutdown;

  [[nodiscard]] Registry& registry() const { return *tenant->registry; }
};

// --- Answers -----------------------------------------------------------------------------------

api::Response Answer(int status, std::string json);
// The status follows from the id of the error.
api::Response Refusal(const Error& error);
// All complaints about a document that was sent.
api::Response Refusal(const Diagnostics& problems);
// The body as JSON, or as TOML when its Content-Type says so. Errors: admin.body, json.*, toml.*.
Result<Node> ReadBody(const Call& call);
// An integer parameter of the query. Error: admin.query.
Result<std::uint64_t> QueryNumber(const Call& call, std::string_view name, std::uint64_t fallback,
                                  std::uint64_t high);

// --- Verbs -------------------------------------------------------------------------------------

api::Response Health(const Call& call);
api::Response Shutdown(const Call& call);
api::Response ListRegistries(const Call& call);
api::Response CreateRegistry(const Call& call);
api::Response ShowRegistry(const Call& call);
api::Response RemoveRegistry(const Call& call);
api::Response ResetRegistry(const Call& call);
api::Response ShowContent(const Call& call);
api::Response ListRules(const Call& call);
api::Response AddRule(const Call& call);
api::Response ReplaceRule(const Call& call);
api::Response EnableRule(const Call& call);
api::Response ShowState(const Call& call);
api::Response SetState(const Call& call);

api::Response ListEntries(const Call& call);
api::Response QueryEntries(const Call& call);
api::Response CountEntries(const Call& call);
api::Response WaitForEntries(const Call& call);
api::Response ClearJournal(const Call& call);
api::Response ExportHar(const Call& call);
api::Response ListUnmatched(const Call& call);
api::Response Verify(const Call& call);

}  // namespace pullproof::mockregistry::admin

#endif  // PULLPROOF_MOCKREGISTRY_ADMIN_VERBS_H_

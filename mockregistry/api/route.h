// What a request means: the operation of the distribution API behind a method and a target.
// Spec: distribution-spec, "Endpoints" (end-1 to end-14).
#ifndef PULLPROOF_MOCKREGISTRY_API_ROUTE_H_
#define PULLPROOF_MOCKREGISTRY_API_ROUTE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pullproof::mockregistry::api {

enum class Operation : std::uint8_t {
  kUnknown,
  kPing,
  kManifestGet,
  kManifestHead,
  kManifestPut,
  kManifestDelete,
  kBlobGet,
  kBlobHead,
  kBlobDelete,
  kUploadStart,
  kUploadMount,
  kUploadPatch,
  kUploadPut,
  kUploadGet,
  kUploadDelete,
  kTagsList,
  kReferrersList,
  kCatalog,
  kToken,
};

// "manifest.get"; empty for kUnknown. The names that fixtures use in `op`.
std::string_view OperationName(Operation operation);
// Every name, in the order of the enumeration, without the unknown: for suggestions.
std::vector<std::string_view> OperationNames();

struct Route {
  Operation operation = Operation::kUnknown;
  std::string repository;
  std::string reference;  // a tag, a digest, or the id of an upload session
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order

  // The value of the first parameter of that name.
  [[nodiscard]] std::optional<std::string> Query(std::string_view name) const;
};

// Where the token service listens on every host that is a realm.
inline constexpr std::string_view kTokenPath = "/token";

// Total: whatever is no operation is kUnknown. Routes on the raw bytes: `..`, empty segments and
// percent-encoded slashes are never normalised away, since a client that sends them must be seen.
// Pure and thread-safe.
Route RouteOf(std::string_view method, std::string_view target);

// The methods with which the target is an operation, as in an Allow header; empty when there is
// none.
std::vector<std::string_view> MethodsOf(std::string_view target);

// The decoded parameters of a query ("n=2&last=a%2Fb", without the question mark); a plus sign is a
// blank, as in forms. A broken escape is kept as it is written. Names without a value have an empty
// one. Spec: WHATWG URL, "application/x-www-form-urlencoded parsing".
std::vector<std::pair<std::string, std::string>> ParseQuery(std::string_view query);

}  // namespace pullproof::mockregistry::api

#endif  // PULLPROOF_MOCKREGISTRY_API_ROUTE_H_

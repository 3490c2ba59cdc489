#include "conformance/client/mutant.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "conformance/client/in_process.h"
#include "conformance/client/simple_puller.h"
#include "oci/descriptor.h"
#include "oci/reference.h"

namespace pullproof::conformance::client {
namespace {

constexpr std::array kMutants = {
    Mutant{"well-behaved", "does nothing wrong: the twin of all others", {}},
    Mutant{
        "ignores-digests", "keeps content without comparing its digest", {.ignores_digests = true}},
    Mutant{"ignores-sizes", "keeps content without comparing its size", {.ignores_sizes = true}},
    Mutant{"trusts-content-length",
           "takes content for whole when it is as long as Content-Length says",
           {.trusts_content_length = true}},
    Mutant{"accepts-truncated",
           "keeps what arrived before the connection ended",
           {.ignores_digests = true, .ignores_sizes = true, .accepts_truncated = true}},
    Mutant{"follows-redirects-with-credentials",
           "sends Authorization to whatever host a redirect names",
           {.forwards_credentials = true}},
    Mutant{"retries-never", "gives up at the first refusal", {.never_retries = true}},
    Mutant{"retries-forever", "asks again without an end", {.retries_forever = true}},
    Mutant{"ignores-retry-after",
           "asks again at once, whatever Retry-After says",
           {.ignores_retry_after = true}},
    Mutant{"loops-on-link",
           "follows the Link of a listing back to where it was",
           {.loops_on_links = true}},
};

constexpr std::array kVerbs = {Verb::kPull, Verb::kListTags};
constexpr std::array<std::string_view, 2> kCapabilities = {"auth.basic", "platform"};

class MutantClient final : public InProcessClient {
 public:
  MutantClient(const Mutant& mutant, Wire wire)
      : InProcessClient(wire, kVerbs, kCapabilities), mutant_(mutant) {}

  [[nodiscard]] std::string name() const override { return fmt::format("mutant:{}", mutant_.name); }

 private:
  [[nodiscard]] Result<std::vector<std::string>> Do(
      const Task& task, const mockregistry::Registry& /*registry*/,
      const Surroundings& surroundings) const override {
    PULLPROOF_ASSIGN_OR_RETURN(const oci::Reference reference,
                               oci::Reference::Parse(task.reference));
    SimplePuller puller(*surroundings.transport, *surroundings.clock, task.login,
                        mutant_.misbehaviours);
    if (task.verb == Verb::kListTags) return puller.ListTags(reference);
    PULLPROOF_ASSIGN_OR_RETURN(
        const oci::Platform platform,
        oci::Platform::Parse(task.platform.empty() ? "linux/amd64" : task.platform));
    PULLPROOF_RETURN_IF_ERROR(puller.Pull(reference, platform, task.output));
    return std::vector<std::string>();
  }

  const Mutant& mutant_;  // of kMutants
};

}  // namespace

std::span<const Mutant> Mutants() { return kMutants; }

Result<std::unique_ptr<Client>> MakeMutantClient(std::string_view name, Wire wire) {
  const auto found = std::ranges::find(kMutants, name, &Mutant::name);
  if (found != kMutants.end()) return std::make_unique<MutantClient>(*found, wire);
  std::vector<std::string_view> names;
  for (const Mutant& mutant : kMutants) names.push_back(mutant.name);
  return Fail("client.unknown", fmt::format("there is no mutant `{}`", name), {},
              SuggestFrom(name, names));
}

}  // namespace pullproof::conformance::client

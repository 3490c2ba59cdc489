// The client that this project brings: the resolver, in process.
#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "conformance/client/client.h"
#include "conformance/client/in_process.h"
#include "oci/descriptor.h"
#include "oci/digest.h"
#include "oci/reference.h"
#include "resolver/copy.h"
#include "resolver/credentials/source.h"
#include "resolver/registry_client/registry_client.h"
#include "resolver/resolver.h"

namespace pullproof::conformance::client {
namespace {

constexpr std::array kVerbs = {Verb::kPull,      Verb::kCopy,   Verb::kListTags,
                               Verb::kReferrers, Verb::kDelete, Verb::kResolve};
constexpr std::array<std::string_view, 8> kCapabilities = {
    "auth.basic",          "auth.bearer",     "platform",     "transfer.resume",
    "referrers.recursive", kStrictCapability, kTlsCapability, kProxyCapability};
// Of one `referrers`, through all that refer to each other.
constexpr std::size_t kMaxListings = 100;

class BuiltinClient final : public InProcessClient {
 public:
  explicit BuiltinClient(Wire wire) : InProcessClient(wire, kVerbs, kCapabilities) {}

  [[nodiscard]] std::string name() const override { return "builtin"; }

 private:
  using Tags = std::vector<std::string>;

  [[nodiscard]] Result<Tags> Do(const Task& task, const mockregistry::Registry& registry,
                                const Surroundings& surroundings) const override {
    SystemFileSystem files;
    PULLPROOF_ASSIGN_OR_RETURN(Logins by_registry, LoginsFor(task, registry));
    resolver::credentials::FixedSource logins(std::move(by_registry));
    resolver::Environment environment{.transport = surroundings.transport,
                                      .clock = surroundings.clock,
                                      .files = &files,
                                      .registries = {.credentials = &logins, .plain_http = {}}};
    if (task.verb == Verb::kResolve) return Resolve(task, environment);
    PULLPROOF_ASSIGN_OR_RETURN(oci::Reference reference, oci::Reference::Parse(task.reference));
    if (task.plain_http) environment.registries.plain_http = {reference.domain()};
    if (task.verb == Verb::kPull) return Pull(task, std::move(reference), environment);
    resolver::registry_client::RegistryClient client(*environment.transport, *environment.clock,
                                                     environment.registries);
    switch (task.verb) {
      case Verb::kReferrers:
        return Referrers(client, reference, task.recursive);
      case Verb::kDelete: {
        // By digest: by its tag a registry may take away the tag only.
        PULLPROOF_ASSIGN_OR_RETURN(const auto found, client.GetManifest(reference));
        PULLPROOF_RETURN_IF_ERROR(client.DeleteManifest(reference.WithDigest(found.digest)));
        return Tags();
      }
      case Verb::kCopy: {
        PULLPROOF_ASSIGN_OR_RETURN(const auto to, oci::Reference::Parse(task.to));
        PULLPROOF_RETURN_IF_ERROR(resolver::Copy(reference, to, environment));
        return Tags();
      }
      default:
        return client.ListTags(reference);
    }
  }

  // Digests, each once; of what refers to them, too, when that is asked for.
  static Result<Tags> Referrers(resolver::registry_client::RegistryClient& client,
                                const oci::Reference& reference, bool recursive) {
    PULLPROOF_ASSIGN_OR_RETURN(const auto subject, client.GetManifest(reference));
    std::vector<oci::Digest> open = {subject.digest};
    std::set<oci::Digest> seen = {subject.digest};
    Tags digests;
    for (std::size_t i = 0; i < open.size() && i < kMaxListings; ++i) {
      PULLPROOF_ASSIGN_OR_RETURN(const auto referrers, client.ListReferrers(reference, open[i]));
      for (const oci::Descriptor& referrer : referrers) {
        if (!seen.insert(referrer.digest).second) continue;
        digests.push_back(referrer.digest.ToString());
        if (recursive) open.push_back(referrer.digest);
      }
    }
    return digests;
  }

  // The credentials are the reference's registry's; a resolve step has none in its reference, so
  // there they are the first host's.
  using Logins = std::map<std::string, resolver::credentials::Credential>;
  static Result<Logins> LoginsFor(const Task& task, const mockregistry::Registry& registry) {
    if (!task.login) return Logins();
    std::string domain = registry.Authority();
    if (!task.reference.empty()) {
      PULLPROOF_ASSIGN_OR_RETURN(const oci::Reference reference,
                                 oci::Reference::Parse(task.reference));
      domain = reference.domain();
    }
    return Logins{{domain, {.user = task.login->user, .password = task.login->password}}};
  }

  static Result<Tags> Pull(const Task& task, oci::Reference reference,
                           const resolver::Environment& environment) {
    resolver::PullOptions options{
        .reference = std::move(reference), .platform = std::nullopt, .layout = task.output};
    if (!task.platform.empty()) {
      PULLPROOF_ASSIGN_OR_RETURN(options.platform, oci::Platform::Parse(task.platform));
    }
    PULLPROOF_RETURN_IF_ERROR(resolver::Pull(options, environment));
    return Tags();
  }

  static Result<Tags> Resolve(const Task& task, const resolver::Environment& environment) {
    const resolver::ResolveOptions options{.manifest = task.input / "spin.toml",
                                           .lock = task.output / kLockName,
                                           .assets = task.output / kAssetsName,
                                           .cache = task.home / "cache",
                                           .strict = task.strict};
    PULLPROOF_RETURN_IF_ERROR(resolver::Resolve(options, environment));
    return Tags();
  }
};

}  // namespace

std::unique_ptr<Client> MakeBuiltinClient(Wire wire) {
  return std::make_unique<BuiltinClient>(wire);
}

}  // namespace pullproof::conformance::client

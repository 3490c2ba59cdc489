#include "conformance/client/mutant.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "conformance/client/careless_transport.h"
#include "conformance/client/in_process.h"
#include "conformance/client/simple_http.h"
#include "conformance/client/simple_lister.h"
#include "conformance/client/simple_puller.h"
#include "conformance/client/simple_pusher.h"
#include "conformance/client/simple_unpacker.h"
#include "oci/descriptor.h"
#include "oci/digest.h"

namespace pullproof::conformance::client {
namespace {

namespace fs = std::filesystem;

constexpr std::array kVerbs = {Verb::kPull,      Verb::kCopy,   Verb::kListTags,
                               Verb::kReferrers, Verb::kDelete, Verb::kUnpack};
constexpr std::array<std::string_view, 9> kCapabilities = {
    "auth.basic",    "auth.bearer",   "platform",     "referrers.recursive", "transfer.resume",
    "unpack.layers", "unpack.titles", kTlsCapability, kProxyCapability};

// The case's own directory, above TASK/outer/middle/inner/step-N/out: what misbehaves stays in it.
fs::path RootOf(const Task& task) {
  fs::path root = task.output;
  constexpr int kNested = 5;
  for (int i = 0; i < kNested; ++i) root = root.parent_path();
  return root;
}

class MutantClient final : public InProcessClient {
 public:
  MutantClient(const Mutant& mutant, Wire wire)
      : InProcessClient(wire, kVerbs, kCapabilities), mutant_(mutant) {}

  [[nodiscard]] std::string name() const override { return fmt::format("mutant:{}", mutant_.name); }

 private:
  using Lines = std::vector<std::string>;

  [[nodiscard]] Result<Lines> Do(const Task& task, const mockregistry::Registry& /*registry*/,
                                 const Surroundings& surroundings) const override {
    const Misbehaviours& misbehaviours = mutant_.misbehaviours;
    PULLPROOF_ASSIGN_OR_RETURN(
        const Place place, SimplePuller::PlaceOf(task.reference, task.plain_http, misbehaviours));
    PULLPROOF_ASSIGN_OR_RETURN(
        const oci::Platform platform,
        oci::Platform::Parse(task.platform.empty() ? "linux/amd64" : task.platform));
    SimpleHttp http(*surroundings.transport, *surroundings.clock, task.login, place.origin,
                    misbehaviours);
    if (misbehaviours.shows_proxy_password) http.AddToAll("Proxy-Authorization", ProxyLogin(task));
    SimplePuller puller(http, misbehaviours);
    SimpleLister lister(http, puller, misbehaviours);
    SimplePusher pusher(http, puller, misbehaviours);
    switch (task.verb) {
      case Verb::kListTags:
        return lister.Tags(place);
      case Verb::kReferrers:
        return lister.Referrers(place, task.recursive);
      case Verb::kCopy: {
        PULLPROOF_ASSIGN_OR_RETURN(const Place to,
                                   SimplePuller::PlaceOf(task.to, task.plain_http, misbehaviours));
        PULLPROOF_RETURN_IF_ERROR(pusher.Copy(place, to));
        return Lines();
      }
      case Verb::kDelete:
        PULLPROOF_RETURN_IF_ERROR(pusher.Delete(place));
        return Lines();
      case Verb::kUnpack: {
        SimpleUnpacker unpacker(puller, misbehaviours, task.output, RootOf(task));
        PULLPROOF_RETURN_IF_ERROR(unpacker.Unpack(place, platform));
        return Lines();
      }
      default:
        PULLPROOF_RETURN_IF_ERROR(Pull(task, place, platform, puller));
        return Lines();
    }
  }

  [[nodiscard]] Result<std::unique_ptr<resolver::transport::Transport>> Sockets(
      const Task& task) const override {
    const Misbehaviours& misbehaviours = mutant_.misbehaviours;
    if (IsCarelessBelowHttp(misbehaviours)) {
      return std::make_unique<CarelessTransport>(task, misbehaviours);
    }
    if (!misbehaviours.forgets_proxy_password) return InProcessClient::Sockets(task);
    Task without = task;
    if (const std::size_t at = task.proxy.find('@'); at != std::string::npos) {
      without.proxy = "http://" + task.proxy.substr(at + 1);
    }
    return InProcessClient::Sockets(without);
  }

  // The user and the password of "http://USER:PASSWORD@HOST:PORT", as Basic has them.
  static std::string ProxyLogin(const Task& task) {
    const std::size_t start = task.proxy.find("//") + 2;
    const std::size_t end = task.proxy.find('@');
    if (end == std::string::npos) return "Basic ";
    return "Basic " + Base64Encode(task.proxy.substr(start, end - start));
  }

  [[nodiscard]] Result<void> Pull(const Task& task, const Place& place,
                                  const oci::Platform& platform, SimplePuller& puller) const {
    if (!mutant_.misbehaviours.never_revalidates) return puller.Pull(place, platform, task.output);
    const fs::path kept = task.home / "tags" / oci::Digest::Of(task.reference).hex();
    std::error_code failure;
    if (!fs::exists(kept)) {
      PULLPROOF_RETURN_IF_ERROR(puller.Pull(place, platform, task.output));
      fs::create_directories(kept.parent_path(), failure);
      fs::copy(task.output, kept, fs::copy_options::recursive, failure);
    } else {
      fs::copy(kept, task.output, fs::copy_options::recursive, failure);
    }
    return failure ? Fail("file.write", failure.message()) : Result<void>();
  }

  const Mutant& mutant_;  // of Mutants()
};

}  // namespace

Result<std::unique_ptr<Client>> MakeMutantClient(std::string_view name, Wire wire) {
  const std::span<const Mutant> mutants = Mutants();
  const auto found = std::ranges::find(mutants, name, &Mutant::name);
  if (found != mutants.end()) return std::make_unique<MutantClient>(*found, wire);
  std::vector<std::string_view> names;
  for (const Mutant& mutant : mutants) names.push_back(mutant.name);
  return Fail("client.unknown", fmt::format("there is no mutant `{}`", name), {},
              SuggestFrom(name, names));
}

}  // namespace pullproof::conformance::client

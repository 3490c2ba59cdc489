#include "resolver/registry_client/check_login.h"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/reference.h"
#include "resolver/registry_client/endpoint.h"
#include "resolver/registry_client/fetcher.h"

namespace pullproof::resolver::registry_client {
namespace {

// Notes whether it was asked.
class AskedSource final : public credentials::Source {
 public:
  explicit AskedSource(credentials::Credential credential) : credential_(std::move(credential)) {}
  Result<std::optional<credentials::Credential>> Find(std::string_view /*registry*/,
                                                      std::string_view /*repository*/) override {
    asked_ = true;
    return credential_;
  }
  [[nodiscard]] bool asked() const { return asked_; }

 private:
  const credentials::Credential credential_;
  bool asked_ = false;
};

}  // namespace

Result<std::string> ParseRegistry(std::string_view text) {
  if (text.find("://") != std::string_view::npos) {
    return Fail("reference.syntax", fmt::format("`{}` is a URL and no registry", Printable(text)),
                {}, "write HOST[:PORT], without a scheme");
  }
  if (EqualsIgnoreCase(text, "docker.io")) return std::string("docker.io");
  const bool is_host = text.find('/') == std::string_view::npos;
  PULLPROOF_ASSIGN_OR_RETURN(
      const oci::Reference reference,
      oci::Reference::Parse(is_host ? fmt::format("{}/x/y", text) : std::string(text)));
  const bool taken_for_a_path = is_host && reference.path() != "x/y";
  if (taken_for_a_path) {
    return Fail("reference.syntax", fmt::format("`{}` is no registry", Printable(text)), {},
                "write HOST[:PORT]; a name without a dot needs its port");
  }
  return reference.domain();
}

Result<LoginCheck> CheckLogin(transport::Transport& transport, Clock& clock,
                              std::string_view registry, const credentials::Credential& credential,
                              std::span<const std::string> plain_http) {
  PULLPROOF_ASSIGN_OR_RETURN(const oci::Reference reference,
                             oci::Reference::Parse(fmt::format("{}/x/y", registry)));
  PULLPROOF_ASSIGN_OR_RETURN(Endpoint endpoint, EndpointOf(reference, plain_http));
  endpoint.deadline = DeadlineFor(clock);
  endpoint.repository.clear();  // a token for nothing but being somebody
  AskedSource source(credential);
  Fetcher fetcher(transport, clock, {.credentials = &source, .plain_http = {}});
  const Content content{
      .ranged = false,
      .on_response = [](const transport::Response&) -> Result<void> { return {}; },
      .on_body = [](std::string_view) -> Result<void> { return {}; }};
  auto got = fetcher.Get(endpoint, endpoint.base.WithTarget("/v2/"), {}, content);
  if (!got) return std::unexpected(At(std::move(got).error(), registry));
  return source.asked() ? LoginCheck::kAccepted : LoginCheck::kNotAsked;
}

}  // namespace pullproof::resolver::registry_client

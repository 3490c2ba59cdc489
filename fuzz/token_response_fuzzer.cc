// Contract: a token that is read can stand in a header, and its lifetime is within the bounds.
#include <algorithm>

#include "fuzz/contract.h"
#include "resolver/registry_client/token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace client = pullproof::resolver::registry_client;
  const auto token = client::ParseToken(pullproof::fuzz::AsText(data, size));
  if (!token) {
    PULLPROOF_CONTRACT(token.error().id == "auth.token");
    return 0;
  }
  PULLPROOF_CONTRACT(!token->value.empty() && token->value.size() <= client::kMaxToken);
  PULLPROOF_CONTRACT(
      std::ranges::all_of(token->value, [](char c) { return c > 0x20 && c < 0x7F; }));
  PULLPROOF_CONTRACT(token->refresh.size() <= client::kMaxToken);
  PULLPROOF_CONTRACT(token->lifetime >= client::kMinTokenLifetime);
  PULLPROOF_CONTRACT(token->lifetime <= client::kMaxTokenLifetime);
  return 0;
}

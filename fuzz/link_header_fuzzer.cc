// Contract: a next link that is found stands in the header between angle brackets, and putting
// another relation's link before it changes nothing.
#include <string>

#include "fuzz/contract.h"
#include "resolver/registry_client/link.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using pullproof::resolver::registry_client::NextLink;
  const std::string text(pullproof::fuzz::AsText(data, size));
  const auto next = NextLink(text);
  const auto after_another = NextLink("</first>; rel=\"first\", " + text);
  PULLPROOF_CONTRACT(next.has_value() == after_another.has_value());
  if (!next) return 0;
  PULLPROOF_CONTRACT(*next == *after_another);
  if (!*next) return 0;
  PULLPROOF_CONTRACT(text.find(**next) != std::string::npos);
  PULLPROOF_CONTRACT((*next)->find('>') == std::string::npos);
  const auto alone = NextLink("<" + **next + ">; rel=next");
  PULLPROOF_CONTRACT(alone && *alone == *next);
  return 0;
}

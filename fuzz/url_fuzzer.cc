// Contract: a URL that parses prints and reads back as itself, and is safe to put onto a request
// line; resolving a reference against it gives an http URL, and a relative one keeps the origin.
// Input: a reference, a line "~~", a base; without the line only a URL.
#include <algorithm>
#include <string>

#include "fuzz/contract.h"
#include "resolver/registry_client/url.h"

using pullproof::resolver::registry_client::Url;

namespace {

void CheckUrl(const Url& url) {
  PULLPROOF_CONTRACT(url.scheme() == "http" || url.scheme() == "https");
  PULLPROOF_CONTRACT(!url.host().empty() && url.port() != 0);
  PULLPROOF_CONTRACT(url.target().starts_with('/'));
  const std::string text = url.ToString();
  PULLPROOF_CONTRACT(std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; }));
  PULLPROOF_CONTRACT(text.find('@') == std::string::npos || text.find('@') > text.find('/', 8));
  // What was just within the bound may print a little longer.
  if (const auto again = Url::Parse(text)) {
    PULLPROOF_CONTRACT(*again == url && again->SameOrigin(url));
  } else {
    PULLPROOF_CONTRACT(text.size() > pullproof::resolver::registry_client::kMaxUrl);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [reference, text] =
      pullproof::fuzz::SplitAtTildes(pullproof::fuzz::AsText(data, size));
  const auto base = Url::Parse(text);
  if (!base) return 0;
  CheckUrl(*base);
  const auto resolved = base->Resolve(reference);
  if (!resolved) return 0;
  CheckUrl(*resolved);
  const bool may_leave =
      reference.find(':') != std::string_view::npos || reference.starts_with("//");
  PULLPROOF_CONTRACT(may_leave || resolved->SameOrigin(*base));
  return 0;
}

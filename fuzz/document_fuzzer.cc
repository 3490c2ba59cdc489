// Contract: a JSON text that parses has one canonical form, which is a fixed point; a TOML text
// either parses or names the place where it does not.
//
// Input: "toml", a line "~~", a TOML text; or only a JSON text.
#include "base/document.h"
#include "base/text.h"
#include "fuzz/contract.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [kind, text] = pullproof::fuzz::SplitAtTildes(pullproof::fuzz::AsText(data, size));
  if (kind == "toml") {
    const auto document = pullproof::ParseToml(text, "fuzz");
    PULLPROOF_CONTRACT(document.has_value() || document.error().where.starts_with("fuzz"));
    return 0;
  }
  const auto document = pullproof::ParseJson(text, "fuzz");
  if (!document) {
    PULLPROOF_CONTRACT(document.error().where.starts_with("fuzz"));
    return 0;
  }
  PULLPROOF_CONTRACT(pullproof::IsUtf8(text));
  const auto canonical = pullproof::CanonicalJson(*document);
  if (!canonical) return 0;  // a number with a fraction
  const auto again = pullproof::ParseJson(*canonical, "fuzz");
  PULLPROOF_CONTRACT(again.has_value());
  PULLPROOF_CONTRACT(pullproof::CanonicalJson(*again) == canonical);
  return 0;
}

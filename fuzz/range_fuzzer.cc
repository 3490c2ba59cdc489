// Contract: whatever a Range header asks for lies inside the content, and a Content-Range that
// parses prints to one that says the same.
#include "fuzz/contract.h"
#include "oci/range.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = pullproof::fuzz::AsText(data, size);
  if (const auto ranges = pullproof::oci::ByteRange::ParseHeader(text)) {
    PULLPROOF_CONTRACT(!ranges->empty() && ranges->size() <= pullproof::oci::ByteRange::kMaxRanges);
    for (const std::uint64_t whole :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, std::uint64_t{INT64_MAX}}) {
      for (const auto& range : *ranges) {
        const auto span = range.Within(whole);
        PULLPROOF_CONTRACT(!span || (span->first <= span->last && span->last < whole));
        PULLPROOF_CONTRACT(whole != 0 || !span);
      }
    }
  }
  if (const auto answer = pullproof::oci::ContentRange::Parse(text)) {
    const auto again = pullproof::oci::ContentRange::Parse(answer->ToString());
    PULLPROOF_CONTRACT(again.has_value() && again->span == answer->span &&
                       again->total == answer->total);
  }
  return 0;
}

#include "conformance/judge/verdict.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pullproof::conformance::judge {
namespace {

constexpr std::array<std::pair<Verdict, std::string_view>, 13> kNames{{
    {Verdict::kPass, "pass"},
    {Verdict::kPassNonstrict, "pass-nonstrict"},
    {Verdict::kXfail, "xfail"},
    {Verdict::kSkipped, "skipped"},
    {Verdict::kWithheld, "withheld"},
    {Verdict::kXpass, "xpass"},
    {Verdict::kFlaky, "flaky"},
    {Verdict::kFail, "fail"},
    {Verdict::kError, "error"},
    {Verdict::kUnsupported, "unsupported"},
    {Verdict::kHang, "hang"},
    {Verdict::kCrash, "crash"},
    {Verdict::kLeak, "leak"},
}};

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  return std::ranges::find(kNames, verdict, &std::pair<Verdict, std::string_view>::first)->second;
}

std::optional<Verdict> VerdictOf(std::string_view name) {
  const auto found = std::ranges::find(kNames, name, &std::pair<Verdict, std::string_view>::second);
  if (found == kNames.end()) return std::nullopt;
  return found->first;
}

bool IsPass(Verdict verdict) {
  return verdict == Verdict::kPass || verdict == Verdict::kPassNonstrict;
}

}  // namespace pullproof::conformance::judge

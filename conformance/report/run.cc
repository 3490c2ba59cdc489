#include "conformance/report/run.h"

#include <algorithm>

namespace pullproof::conformance::report {

std::size_t Summary::Count(Verdict verdict) const {
  const auto found = counts.find(verdict);
  return found == counts.end() ? 0 : found->second;
}

void Tee::Begin(const Header& header) {
  for (Sink* sink : sinks_) sink->Begin(header);
}

void Tee::Add(const CaseReport& report) {
  for (Sink* sink : sinks_) sink->Add(report);
}

void Tee::End(const Summary& summary) {
  for (Sink* sink : sinks_) sink->End(summary);
}

bool IsFailure(Verdict verdict) {
  switch (verdict) {
    case Verdict::kFail:
    case Verdict::kHang:
    case Verdict::kCrash:
    case Verdict::kLeak:
    case Verdict::kXpass:
    case Verdict::kFlaky:
      return true;
    case Verdict::kPass:
    case Verdict::kPassNonstrict:
    case Verdict::kXfail:
    case Verdict::kSkipped:
    case Verdict::kWithheld:
    case Verdict::kError:
    case Verdict::kUnsupported:
      return false;
  }
  return false;
}

int ExitStatus(const Summary& summary) {
  constexpr int kAsExpected = 0;
  constexpr int kCaseFailed = 1;
  constexpr int kHarnessFailed = 3;
  if (std::ranges::any_of(summary.counts, [](const auto& count) {
        return IsFailure(count.first) && count.second > 0;
      })) {
    return kCaseFailed;
  }
  return summary.Count(Verdict::kError) > 0 ? kHarnessFailed : kAsExpected;
}

}  // namespace pullproof::conformance::report

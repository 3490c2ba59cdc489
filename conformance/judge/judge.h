// From evidence to a verdict. Pure: the same evidence always gets the same verdict.
//
// The judge never calls the code that it judges: what is right stands literally in the case, and
// digests come from the registry's own content.
// Rules: docs/cases.md "How a case is decided".
#ifndef PULLPROOF_CONFORMANCE_JUDGE_JUDGE_H_
#define PULLPROOF_CONFORMANCE_JUDGE_JUDGE_H_

#include "conformance/case/case.h"
#include "conformance/judge/evidence.h"
#include "conformance/judge/verdict.h"

namespace pullproof::conformance::judge {

// Whether a SHOULD within a MUST case weighs as much as the case itself.
enum class Strictness { kUsual, kStrict };

// Decides upon everything but the twin, which is another case's verdict. Thread-safe.
Judgement Judge(const Case& subject, const Evidence& evidence,
                Strictness strictness = Strictness::kUsual);

}  // namespace pullproof::conformance::judge

#endif  // PULLPROOF_CONFORMANCE_JUDGE_JUDGE_H_

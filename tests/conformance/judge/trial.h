// A case with fabricated evidence, for tests of the judge.
#ifndef PULLPROOF_TESTS_CONFORMANCE_JUDGE_TRIAL_H_
#define PULLPROOF_TESTS_CONFORMANCE_JUDGE_TRIAL_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "conformance/case/case.h"
#include "conformance/judge/evidence.h"
#include "conformance/judge/judge.h"

namespace pullproof::conformance::judge {

// The case: `blobs.layer`, its image `app`, hosts `registry` and `cdn`, a rule `flip` on the layer
// and a rule `limit` on manifests; the evidence: one step that went well and asked for nothing.
class Trial {
 public:
  // `expect` is the inside of the table [expect]. `level` is the case's.
  explicit Trial(std::string_view expect, std::string_view level = "MUST");
  // The same with a client table of its own.
  static Trial WithClient(std::string_view client, std::string_view expect);

  // An exchange, 10 ms after the one before and answered after 1 ms.
  struct Asked {
    std::string_view operation = "blob.get";
    std::string_view name = "layer";
    std::string_view rule = {};
    std::string_view host = "registry";
    std::string_view target = "/v2/";
    oci::Headers headers = {};
    std::string_view body = {};
    std::uint64_t sent = 0;
  };
  Trial& Ask(const Asked& asked);
  // Lets time pass before the next exchange.
  Trial& Wait(Duration duration);
  // The answer of the last exchange never ended.
  Trial& Unanswered();

  Trial& Comes(client::Outcome outcome, std::string_view error_class = {},
               std::string_view err = {});
  Trial& Stores(std::string_view path, std::string_view bytes);
  Trial& StoresInHome(std::string_view path, std::string_view bytes);

  // The bytes of the case's content.
  [[nodiscard]] std::string BytesOf(std::string_view name) const;
  [[nodiscard]] std::string DigestOf(std::string_view name) const;
  [[nodiscard]] StepEvidence& step(std::size_t index = 0) { return evidence_.steps.at(index); }
  [[nodiscard]] Evidence& evidence() { return evidence_; }
  [[nodiscard]] const Case& subject() const { return case_; }

  [[nodiscard]] Judgement Judge() const;

 private:
  Trial(std::string_view client, std::string_view expect, std::string_view level);

  Case case_;
  Evidence evidence_;
  Duration now_{};
};

// The ids of the findings, in order.
std::vector<std::string> Ids(const Judgement& judgement);

}  // namespace pullproof::conformance::judge

#endif  // PULLPROOF_TESTS_CONFORMANCE_JUDGE_TRIAL_H_

// Secrets where they may not be: in header, query, path and body, at every host.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "conformance/judge/channels.h"

namespace pullproof::conformance::judge {
namespace {

using mockregistry::auth::Secret;
using mockregistry::journal::Entry;

// A request's texts in which a secret could stand, each with what it is called.
std::vector<std::pair<std::string, std::string>> PlacesOf(const Entry& entry) {
  std::vector<std::pair<std::string, std::string>> places;
  const auto add = [&](std::string where, const std::string& text) {
    if (std::optional<std::string> decoded = PercentDecode(text); decoded && *decoded != text) {
      places.emplace_back(where, *std::move(decoded));
    }
    places.emplace_back(std::move(where), text);
  };
  add("its target", entry.target);
  add("its body", entry.request_body);
  constexpr std::string_view kBasic = "basic ";
  for (const auto& [name, value] : entry.request_headers.lines()) {
    add(fmt::format("its header {}", name), value);
    if (!ToLowerAscii(value).starts_with(kBasic)) continue;
    if (const Result<std::string> pair = Base64Decode(Trim(value.substr(kBasic.size())))) {
      places.emplace_back(fmt::format("its header {}", name), *pair);
    }
  }
  return places;
}

// Hosts that an expectation bars from every secret, of the case and of one step.
struct Barred {
  const Expectation& whole;
  const Expectation& step;

  [[nodiscard]] bool Has(const std::string& host) const {
    return std::ranges::find(whole.no_secret_to, host) != whole.no_secret_to.end() ||
           std::ranges::find(step.no_secret_to, host) != step.no_secret_to.end();
  }
};

bool MayKnow(const Secret& secret, const std::string& host, const Barred& barred) {
  return std::ranges::find(secret.known_to, host) != secret.known_to.end() && !barred.Has(host);
}

void JudgeEntry(const Entry& entry, std::span<const Secret> secrets, const Barred& barred,
                std::size_t step, Findings& findings) {
  const std::vector<std::pair<std::string, std::string>> places = PlacesOf(entry);
  for (const Secret& secret : secrets) {
    if (secret.value.empty() || MayKnow(secret, entry.host, barred)) continue;
    const auto place = std::ranges::find_if(places, [&](const auto& candidate) {
      return candidate.second.find(secret.value) != std::string::npos;
    });
    if (place == places.end()) continue;
    findings.Add(
        {.verdict = Verdict::kLeak,
         .id = "leak",
         .expected = fmt::format("host `{}` never sees the {}", entry.host, secret.kind),
         .seen = fmt::format("exchange {} has it in {}", entry.number, Printable(place->first)),
         .step = step,
         .exchanges = {entry.number}});
  }
}

}  // namespace

void JudgeSecrets(const Case& subject, const Evidence& evidence, Findings& findings) {
  for (std::size_t i = 0; i < evidence.steps.size(); ++i) {
    const StepEvidence& seen = evidence.steps[i];
    const Barred barred{subject.expect, subject.steps[i].expect};
    for (std::size_t entry = seen.first_entry; entry < seen.end_entry; ++entry) {
      JudgeEntry(evidence.journal[entry], evidence.secrets, barred, i + 1, findings);
    }
  }
}

}  // namespace pullproof::conformance::judge

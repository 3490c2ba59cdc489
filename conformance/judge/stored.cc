// The second channel: what lies on disk.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "conformance/judge/channels.h"
#include "mockregistry/content/byte_source.h"

namespace pullproof::conformance::judge {
namespace {

using mockregistry::content::Content;

// The bytes that stand behind a name, whatever digest they are served under.
mockregistry::content::Bytes BytesOf(const Content& content, std::string_view name) {
  if (const auto* blob = content.FindBlob(name)) return blob->bytes;
  if (const auto* manifest = content.FindManifest(name)) {
    return mockregistry::content::FromString(manifest->bytes);
  }
  return nullptr;  // the case was checked: does not happen
}

// The content as a rule changes it on its way, when it stays whole: a cut is no other content, and
// a part of a blob is what a client needs to resume.
std::optional<oci::Digest> AlteredBy(const mockregistry::script::Rule& rule,
                                     const mockregistry::content::Bytes& bytes) {
  if (!rule.effect.body) return std::nullopt;
  const mockregistry::script::BodyFault& fault = *rule.effect.body;
  constexpr std::uint64_t kBits = 8;
  mockregistry::content::Bytes altered = bytes;
  if (fault.flip_bit && bytes->size() > 0) {
    altered = mockregistry::content::FlipBit(altered, *fault.flip_bit % (bytes->size() * kBits));
  }
  if (fault.append) {
    altered = mockregistry::content::Concatenate(
        {altered, mockregistry::content::FromString(*fault.append)});
  }
  if (altered == bytes) return std::nullopt;
  return mockregistry::content::DigestOf(*altered);
}

const StoredFile* FindBytes(const Tree& tree, const oci::Digest& sha256) {
  const auto found = std::ranges::find(tree, std::optional(sha256), &StoredFile::sha256);
  return found == tree.end() ? nullptr : &*found;
}

void JudgeWhole(const Scope& scope, const std::string& name, Findings& findings) {
  // A client that failed has already been told so, and owes no bytes.
  if (std::ranges::none_of(scope.steps, [](const StepEvidence& seen) {
        return seen.attempt.outcome == client::Outcome::kOk;
      })) {
    return;
  }
  const oci::Digest wanted =
      mockregistry::content::DigestOf(*BytesOf(scope.subject.scenario->content, name));
  if (std::ranges::any_of(scope.steps, [&](const StepEvidence& seen) {
        return FindBytes(seen.output, wanted) != nullptr;
      })) {
    return;
  }
  findings.Add(
      {.id = "stored.whole",
       .expected = fmt::format("`{}` ({}) is in the output, bit for bit", name, wanted.ToString()),
       .seen = "no file of the output holds it",
       .step = scope.step});
}

// Whether the tree holds the content, or something in its name, or it as a rule altered it.
std::optional<std::string> FindTrace(const Scope& scope, const std::string& name,
                                     const Tree& tree) {
  const Content& content = scope.subject.scenario->content;
  const mockregistry::content::Bytes bytes = BytesOf(content, name);
  if (const StoredFile* file = FindBytes(tree, mockregistry::content::DigestOf(*bytes))) {
    return fmt::format("`{}` holds it", Printable(file->path));
  }
  const std::optional<oci::Digest> digest = content.DigestOfName(name);
  if (const auto named = std::ranges::find(tree, digest, &StoredFile::named); named != tree.end()) {
    return fmt::format("`{}` has its name", Printable(named->path));
  }
  for (const auto& rule : scope.subject.scenario->rules) {
    const bool has_fired = std::ranges::any_of(scope.journal, [&](const auto& entry) {
      return entry.rule == rule.id && entry.name == name;
    });
    if (!has_fired) continue;
    const std::optional<oci::Digest> altered = AlteredBy(rule, bytes);
    if (!altered) continue;
    if (const StoredFile* file = FindBytes(tree, *altered)) {
      return fmt::format("`{}` holds it as rule `{}` altered it", Printable(file->path), rule.id);
    }
  }
  return std::nullopt;
}

void JudgeAbsent(const Scope& scope, const std::string& name, Findings& findings) {
  for (const StepEvidence& seen : scope.steps) {
    std::optional<std::string> trace = FindTrace(scope, name, seen.output);
    std::string_view where = "output";
    if (!trace) {
      trace = FindTrace(scope, name, seen.home);
      where = "home";
    }
    if (!trace) continue;
    findings.Add({.id = "stored.absent",
                  .expected = fmt::format("nothing of `{}` is kept", name),
                  .seen = fmt::format("in the {}, {}", where, *trace),
                  .step = scope.step});
    return;
  }
}

void JudgeNames(const Tree& tree, std::string_view where, std::size_t step, Findings& findings) {
  for (const StoredFile& file : tree) {
    if (file.is_as_named) continue;
    findings.Add({.id = "stored.misnamed",
                  .expected = "a file that is named by a digest holds the bytes of that digest",
                  .seen = fmt::format("in the {}, `{}` holds the bytes of {}", where,
                                      Printable(file.path), file.sha256->ToString()),
                  .step = step});
  }
}

}  // namespace

void JudgeStored(const Scope& scope, Findings& findings) {
  for (const std::string& name : scope.expect.whole) JudgeWhole(scope, name, findings);
  for (const std::string& name : scope.expect.absent) JudgeAbsent(scope, name, findings);
}

void JudgeDisk(const Evidence& evidence, Findings& findings) {
  for (std::size_t i = 0; i < evidence.steps.size(); ++i) {
    JudgeNames(evidence.steps[i].output, "output", i + 1, findings);
    JudgeNames(evidence.steps[i].home, "home", i + 1, findings);
  }
  for (const std::string& change : evidence.outside) {
    findings.Add({.id = "stored.outside",
                  .expected = "nothing is written beside the output and the home",
                  .seen = Printable(change)});
  }
}

}  // namespace pullproof::conformance::judge

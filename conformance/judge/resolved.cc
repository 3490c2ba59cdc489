// What a resolve step left: its lock and its assets.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "conformance/case/placeholder.h"
#include "conformance/judge/channels.h"
#include "mockregistry/content/byte_source.h"

namespace pullproof::conformance::judge {
namespace {

// Compares what a lock must say with what it says, and names the first place where they part.
class LockComparison {
 public:
  LockComparison(const Case& subject, const Evidence& evidence)
      : subject_(subject), evidence_(evidence) {}

  // nullopt: it says so.
  std::optional<std::string> Difference(const Node& wanted, const Node* seen,
                                        const std::string& path) {
    if (WantsAbsence(wanted)) {
      if (seen == nullptr) return std::nullopt;
      return fmt::format("`{}` is there", path);
    }
    if (seen == nullptr) return fmt::format("`{}` is missing", path);
    if (const Node::Table* members = wanted.table()) return InTable(*members, *seen, path);
    if (const Node::Array* items = wanted.array()) return InList(*items, *seen, path);
    const std::string expected = Text(wanted);
    const std::string found = CanonicalJson(*seen).value_or("a fraction");
    if (expected == found) return std::nullopt;
    return fmt::format("`{}` is {}, not {}", path, Printable(found), expected);
  }

 private:
  // `{ absent = true }`: what must not be there at all.
  static bool WantsAbsence(const Node& wanted) {
    const Node* absent = wanted.Find("absent");
    return absent != nullptr && wanted.table()->size() == 1 && absent->boolean() != nullptr &&
           *absent->boolean();
  }

  std::optional<std::string> InTable(const Node::Table& members, const Node& seen,
                                     const std::string& path) {
    if (seen.table() == nullptr) return WrongKind(seen, "a table", path);
    for (const Node::Member& member : members) {
      std::optional<std::string> difference =
          Difference(member.value, seen.Find(member.name), fmt::format("{}.{}", path, member.name));
      if (difference) return difference;
    }
    return std::nullopt;
  }

  std::optional<std::string> InList(const Node::Array& items, const Node& seen,
                                    const std::string& path) {
    if (seen.array() == nullptr) return WrongKind(seen, "a list", path);
    if (seen.array()->size() != items.size()) {
      return fmt::format("`{}` has {} items, not {}", path, seen.array()->size(), items.size());
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
      std::optional<std::string> difference =
          Difference(items[i], &(*seen.array())[i], fmt::format("{}[{}]", path, i));
      if (difference) return difference;
    }
    return std::nullopt;
  }

  static std::optional<std::string> WrongKind(const Node& seen, std::string_view kind,
                                              const std::string& path) {
    return fmt::format("`{}` is {}, not {}", path, seen.KindName(), kind);
  }

  std::string Text(const Node& wanted) {
    if (const std::string* text = wanted.string()) {
      const Result<std::string> filled = FillPlaceholders(
          *text, subject_.scenario->content, [this](std::string_view id) -> std::string {
            const auto found = evidence_.authorities.find(id);
            return found == evidence_.authorities.end() ? "" : found->second;
          });
      // The case was checked: every placeholder has a value.
      return CanonicalJsonString(filled.value_or(*text));
    }
    return CanonicalJson(wanted).value_or("a fraction");
  }

  const Case& subject_;
  const Evidence& evidence_;
};

void JudgeLock(const Case& subject, const Evidence& evidence, std::size_t index,
               Findings& findings) {
  const Node& wanted = *subject.steps[index].expect.lock;
  const std::optional<std::string>& text = evidence.steps[index].lock;
  const auto complain = [&](std::string seen) {
    findings.Add({.id = "lock",
                  .expected = "the lock says what the case states",
                  .seen = std::move(seen),
                  .step = index + 1});
  };
  if (!text) return complain("there is no lock");
  const Result<Node> lock = ParseJson(*text, client::kLockName);
  if (!lock) return complain(Describe(lock.error()));
  if (std::optional<std::string> difference =
          LockComparison(subject, evidence).Difference(wanted, &*lock, "lock")) {
    complain(*std::move(difference));
  }
}

std::string_view ComponentOf(std::string_view path) { return path.substr(0, path.find('/')); }

void JudgeAssets(const Case& subject, const Evidence& evidence, std::size_t index,
                 Findings& findings) {
  const std::vector<AssetExpected>& wanted = *subject.steps[index].expect.assets;
  const std::string prefix = fmt::format("{}/", client::kAssetsName);
  const auto complain = [&](std::string expected, std::string seen) {
    findings.Add({.id = "assets",
                  .expected = std::move(expected),
                  .seen = std::move(seen),
                  .step = index + 1});
  };
  const Tree& output = evidence.steps[index].output;
  for (const AssetExpected& asset : wanted) {
    const auto found = std::ranges::find(output, prefix + asset.path, &StoredFile::path);
    if (found == output.end()) {
      complain(fmt::format("there is an asset `{}`", asset.path), "there is none");
      continue;
    }
    const auto& content = subject.scenario->content;
    const oci::Digest digest =
        asset.name ? mockregistry::content::DigestOf(*content.FindBlob(*asset.name)->bytes)
                   : oci::Digest::Of(asset.text);
    if (found->sha256 == digest) continue;
    complain(fmt::format("asset `{}` holds {}", asset.path,
                         asset.name ? "`" + *asset.name + "`" : "the text of the case"),
             "it holds other bytes");
  }
  for (const StoredFile& file : output) {
    if (!file.path.starts_with(prefix)) continue;
    const std::string path = file.path.substr(prefix.size());
    if (std::ranges::find(wanted, path, &AssetExpected::path) != wanted.end()) continue;
    const bool is_of_the_same = std::ranges::any_of(wanted, [&](const AssetExpected& asset) {
      return ComponentOf(asset.path) == ComponentOf(path);
    });
    if (!is_of_the_same) continue;
    complain("its component has no other assets", fmt::format("`{}`", Printable(path)));
  }
}

}  // namespace

void JudgeResolved(const Case& subject, const Evidence& evidence, std::size_t index,
                   Findings& findings) {
  const Expectation& expect = subject.steps[index].expect;
  if (expect.lock) JudgeLock(subject, evidence, index, findings);
  if (expect.assets) JudgeAssets(subject, evidence, index, findings);
}

}  // namespace pullproof::conformance::judge

#include "oci/challenge.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::oci {
namespace {

// Ten times the longest seen in the wild; a header line of this size is an attack.
constexpr std::size_t kMaxChallenge = 8192;

// RFC 9110 section 5.6.2
bool IsTokenCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

class ChallengeParser {
 public:
  explicit ChallengeParser(std::string_view text) : text_(text) {}

  Result<std::vector<Challenge>> Parse() {
    std::vector<Challenge> challenges;
    while (true) {
      SkipBlanksAndCommas();
      if (AtEnd()) return challenges;
      const std::string name = Token();
      if (name.empty()) return Bad(fmt::format("unexpected character `{}`", text_[at_]));
      const std::size_t after_name = at_;
      SkipBlanks();
      // A name before `=` is a parameter; one before anything else starts a challenge. "realm=="
      // can only be padding of a token68, which is handled with its scheme.
      if (Peek() == '=') {
        if (challenges.empty()) return Bad("a parameter before any scheme");
        ++at_;
        SkipBlanks();
        PULLPROOF_ASSIGN_OR_RETURN(std::string value, Value());
        challenges.back().parameters.emplace_back(ToLowerAscii(name), std::move(value));
        continue;
      }
      challenges.push_back({ToLowerAscii(name), {}, {}});
      if (at_ > after_name && !AtEnd() && Peek() != ',') TakeToken68(challenges.back());
    }
  }

 private:
  [[nodiscard]] bool AtEnd() const { return at_ >= text_.size(); }
  [[nodiscard]] char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  void SkipBlanks() {
    while (Peek() == ' ' || Peek() == '\t') ++at_;
  }
  void SkipBlanksAndCommas() {
    while (Peek() == ' ' || Peek() == '\t' || Peek() == ',') ++at_;
  }
  [[nodiscard]] std::unexpected<Error> Bad(std::string why) const {
    return Fail("challenge.syntax",
                fmt::format("the WWW-Authenticate header cannot be read: {}", why),
                std::string(text_.substr(0, 200)));
  }

  std::string Token() {
    const std::size_t start = at_;
    while (!AtEnd() && IsTokenCharacter(text_[at_])) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  Result<std::string> Value() {
    if (Peek() != '"') return Unquoted();
    ++at_;
    std::string value;
    while (!AtEnd()) {
      const char c = text_[at_++];
      if (c == '"') return value;
      if (c == '\\' && !AtEnd()) {
        value += text_[at_++];
      } else {
        value += c;
      }
    }
    return Bad("a quote is not closed");
  }

  // A token, or (against the grammar, but seen) a bare URL: everything up to a comma or a blank.
  Result<std::string> Unquoted() {
    const std::size_t start = at_;
    while (!AtEnd() && Peek() != ',' && Peek() != ' ' && Peek() != '\t') ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  // After a scheme and a blank: one opaque value, if what stands there is no `name =` pair.
  void TakeToken68(Challenge& challenge) {
    const std::size_t start = at_;
    std::size_t end = at_;
    while (end < text_.size() && text_[end] != ',' && text_[end] != ' ' && text_[end] != '\t')
      ++end;
    const std::string_view word = text_.substr(start, end - start);
    const std::size_t padding = word.find('=');
    const bool only_padding = padding != std::string_view::npos &&
                              word.find_first_not_of('=', padding) == std::string_view::npos;
    std::size_t next = end;
    while (next < text_.size() && (text_[next] == ' ' || text_[next] == '\t')) ++next;
    const bool ends_here = next >= text_.size() || text_[next] == ',';
    const bool is_value = padding == std::string_view::npos ? ends_here : only_padding && ends_here;
    if (!is_value || word.find('"') != std::string_view::npos) return;
    challenge.token68 = word;
    at_ = end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::string> Challenge::Find(std::string_view name) const {
  const auto found = std::ranges::find(
      parameters, name, [](const auto& pair) { return std::string_view(pair.first); });
  if (found == parameters.end()) return std::nullopt;
  return found->second;
}

Result<std::vector<Challenge>> ParseChallenges(std::string_view value) {
  if (value.size() > kMaxChallenge) {
    return Fail("challenge.syntax",
                fmt::format("a WWW-Authenticate header of {} bytes", value.size()));
  }
  return ChallengeParser(value).Parse();
}

std::string QuotedParameter(std::string_view name, std::string_view value) {
  std::string text = std::string(name) + "=\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

}  // namespace pullproof::oci

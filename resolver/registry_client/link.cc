#include "resolver/registry_client/link.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::resolver::registry_client {
namespace {

// #( "<" URI-Reference ">" *( OWS ";" OWS name [ BWS "=" BWS ( token / quoted-string ) ] ) )
class LinkParser {
 public:
  explicit LinkParser(std::string_view text) : text_(text) {}

  Result<std::optional<std::string>> FindNext() {
    while (true) {
      SkipAny(" \t,");
      if (AtEnd()) return std::nullopt;
      PULLPROOF_ASSIGN_OR_RETURN(std::string target, Target());
      PULLPROOF_ASSIGN_OR_RETURN(const bool is_next, Parameters());
      if (is_next) return target;
    }
  }

 private:
  [[nodiscard]] bool AtEnd() const { return at_ >= text_.size(); }
  [[nodiscard]] char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  void SkipAny(std::string_view characters) {
    while (!AtEnd() && characters.find(Peek()) != std::string_view::npos) ++at_;
  }
  [[nodiscard]] std::unexpected<Error> Bad(std::string_view why) const {
    constexpr std::size_t kShown = 120;
    return Fail("link.syntax", fmt::format("the Link header cannot be read: {} in `{}`", why,
                                           Printable(text_.substr(0, kShown))));
  }

  Result<std::string> Target() {
    if (Peek() != '<') return Bad("no `<`");
    const std::size_t close = text_.find('>', at_);
    if (close == std::string_view::npos) return Bad("a `<` without its `>`");
    std::string target(Trim(text_.substr(at_ + 1, close - at_ - 1)));
    at_ = close + 1;
    return target;
  }

  // The parameters of one link; true when they make it the next page.
  Result<bool> Parameters() {
    std::optional<std::string> relation;
    bool about_another = false;
    while (true) {
      SkipAny(" \t");
      if (AtEnd() || Peek() == ',') break;
      if (Peek() != ';') return Bad("something after a link that is no parameter");
      SkipAny("; \t");
      const std::string name = ToLowerAscii(Word());
      SkipAny(" \t");
      std::string value;
      if (Peek() == '=') {
        ++at_;
        SkipAny(" \t");
        PULLPROOF_ASSIGN_OR_RETURN(value, Value());
      }
      // Section 3.3: only the first one counts.
      if (name == "rel" && !relation) relation = std::move(value);
      if (name == "anchor") about_another = true;
    }
    return relation && !about_another && NamesNext(*relation);
  }

  std::string_view Word() {
    const std::size_t start = at_;
    while (!AtEnd() && std::string_view(" \t,;=\"").find(Peek()) == std::string_view::npos) ++at_;
    return text_.substr(start, at_ - start);
  }

  Result<std::string> Value() {
    if (Peek() != '"') return std::string(Word());
    ++at_;
    std::string value;
    while (!AtEnd()) {
      const char c = text_[at_++];
      if (c == '"') return value;
      value += c == '\\' && !AtEnd() ? text_[at_++] : c;
    }
    return Bad("a quote is not closed");
  }

  static bool NamesNext(std::string_view relations) {
    return std::ranges::any_of(Split(relations, ' '), [](std::string_view relation) {
      return EqualsIgnoreCase(relation, "next");
    });
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::optional<std::string>> NextLink(std::string_view value) {
  return LinkParser(value).FindNext();
}

}  // namespace pullproof::resolver::registry_client

// Texts with placeholders, as client profiles hold them: "docker://{ref}".
// Format: docs/clients.md "Placeholders".
#ifndef PULLPROOF_CONFORMANCE_CLIENT_TEMPLATE_H_
#define PULLPROOF_CONFORMANCE_CLIENT_TEMPLATE_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/table_reader.h"
#include "conformance/client/client.h"

namespace pullproof::conformance::client {

// Every placeholder has a value, empty when the task says nothing about it.
using PlaceholderValues = std::map<std::string, std::string, std::less<>>;
PlaceholderValues ValuesOf(const Task& task);

// Whether a text may hold a secret: a command line and an environment may not, since every process
// of the machine can read them.
enum class Secrets { kForbidden, kAllowed };

class Template {
 public:
  Template() = default;  // the empty text

  // `what` names the text in messages. `{{` and `}}` are braces. Reports client.placeholder
  // (unknown, or a brace without its partner) and client.secret.
  static std::optional<Template> Parse(std::string_view text, Position at, std::string_view what,
                                       Secrets secrets, Diagnostics& problems);

  [[nodiscard]] std::string Expand(const PlaceholderValues& values) const;
  // True when every placeholder in it has a value that is not empty.
  [[nodiscard]] bool IsFilledBy(const PlaceholderValues& values) const;
  [[nodiscard]] bool Mentions(std::string_view placeholder) const;

 private:
  struct Piece {
    bool is_placeholder;
    std::string text;  // literal, or the placeholder's name
  };
  std::vector<Piece> pieces_;
};

// A command line: words, and groups of words that are left out when one of their placeholders is
// empty: ["skopeo", ["--override-os", "{os}"], "copy", …].
class CommandTemplate {
 public:
  // Reports model.kind, client.command (empty), and what Template::Parse reports.
  static std::optional<CommandTemplate> Read(const Node& node, std::string_view what,
                                             Diagnostics& problems);

  [[nodiscard]] std::vector<std::string> Expand(const PlaceholderValues& values) const;
  [[nodiscard]] bool Mentions(std::string_view placeholder) const;

 private:
  struct Group {
    std::vector<Template> words;
    bool optional = false;
  };
  std::vector<Group> groups_;
};

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_TEMPLATE_H_

// Header lines of one HTTP message, in the order in which they were sent.
// Spec: RFC 9110 section 5: names are case-insensitive, repeated lines are one list.
#ifndef PULLPROOF_OCI_HEADERS_H_
#define PULLPROOF_OCI_HEADERS_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pullproof::oci {

class Headers {
 public:
  using Line = std::pair<std::string, std::string>;  // name as written, value without outer blanks

  Headers() = default;
  Headers(std::initializer_list<Line> lines) : lines_(lines) {}

  // The value of the first line of that name.
  [[nodiscard]] std::optional<std::string> Find(std::string_view name) const;
  // The same without a copy; null when there is none. Good until the lines change.
  [[nodiscard]] const std::string* Peek(std::string_view name) const;
  // All lines of that name joined with ", "; nullopt when there is none.
  [[nodiscard]] std::optional<std::string> Joined(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> All(std::string_view name) const;
  [[nodiscard]] bool Has(std::string_view name) const { return Peek(name) != nullptr; }

  void Add(std::string name, std::string value);
  // Replaces every line of that name by one, at the place of the first.
  void Set(std::string_view name, std::string value);
  void Remove(std::string_view name);

  [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }
  bool operator==(const Headers&) const = default;

 private:
  std::vector<Line> lines_;
};

// True for a header whose value must never reach a log, report or journal in clear text:
// Authorization, Proxy-Authorization, Cookie, Set-Cookie.
bool IsSecretHeader(std::string_view name);
// True if the text can stand as a header value: no CR, LF, NUL or other control but the tab.
bool IsHeaderValue(std::string_view text);

}  // namespace pullproof::oci

#endif  // PULLPROOF_OCI_HEADERS_H_

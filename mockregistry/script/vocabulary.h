// The names that a script may use: content and hosts of its fixture.
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_VOCABULARY_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_VOCABULARY_H_

#include <span>
#include <string>
#include <string_view>

#include "base/table_reader.h"
#include "mockregistry/content/content.h"

namespace pullproof::mockregistry::script {

// The host that stands for the fixture's proxy in rules and in the journal.
inline constexpr std::string_view kProxyHost = "proxy";

// Borrows both; they must outlive it.
class Vocabulary {
 public:
  Vocabulary(const content::Content& content, std::span<const std::string> hosts)
      : content_(&content), hosts_(hosts) {}

  [[nodiscard]] const content::Content& content() const { return *content_; }
  [[nodiscard]] bool HasContent(std::string_view name) const;

  // Report script.unknown-name and script.unknown-host, each with a suggestion. `what` is the
  // member that holds the name: "`swap` of rule `cut`".
  void CheckContent(std::string_view name, Position at, std::string_view what,
                    Diagnostics& problems) const;
  void CheckHost(std::string_view host, Position at, std::string_view what,
                 Diagnostics& problems) const;

 private:
  const content::Content* content_;
  std::span<const std::string> hosts_;
};

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_VOCABULARY_H_

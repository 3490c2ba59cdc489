// Text with variables in it: "postgres://{{ user }}@db". There is no escape for `{{`.
// Source: Spin, crates/expressions/src/template.rs.
#ifndef PULLPROOF_RESOLVER_MANIFEST_TEMPLATE_H_
#define PULLPROOF_RESOLVER_MANIFEST_TEMPLATE_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace pullproof::resolver::manifest {

class Template {
 public:
  struct Part {
    bool is_variable = false;
    std::string text;  // the literal, or the variable's name without blanks

    bool operator==(const Part&) const = default;
  };

  // Error: spin.template for a `{{` that is not closed.
  static Result<Template> Parse(std::string_view text);

  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }
  [[nodiscard]] bool HasVariables() const;

 private:
  std::vector<Part> parts_;
};

}  // namespace pullproof::resolver::manifest

#endif  // PULLPROOF_RESOLVER_MANIFEST_TEMPLATE_H_

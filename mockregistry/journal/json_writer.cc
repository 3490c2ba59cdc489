#include "mockregistry/journal/json_writer.h"

#include "base/document.h"
#include "base/text.h"

namespace pullproof::mockregistry::journal {

std::string JsonText(std::string_view text) {
  return CanonicalJsonString(IsUtf8(text) ? text : Printable(text));
}

JsonObject& JsonObject::Raw(std::string_view name, std::string_view json) {
  if (out_.size() > 1) out_ += ',';
  out_ += JsonText(name);
  out_ += ':';
  out_ += json;
  return *this;
}

}  // namespace pullproof::mockregistry::journal

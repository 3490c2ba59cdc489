#include "base/error.h"

#include "base/text.h"

namespace pullproof {

std::string Describe(const Error& error) {
  std::string text;
  if (!error.where.empty()) text += Printable(error.where) + ": ";
  text += Printable(error.message);
  text += " [" + error.id + "]";
  if (!error.hint.empty()) text += "\n  " + Printable(error.hint, KeepLines::kYes);
  return text;
}

Error At(Error error, std::string_view where) {
  if (error.where.empty()) error.where = where;
  return error;
}

}  // namespace pullproof

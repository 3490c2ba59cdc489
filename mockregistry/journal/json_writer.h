// JSON written member by member: what the journal and the admin API answer with. Any bytes may come
// from outside; what is no UTF-8 is escaped, since it cannot stand in JSON.
#ifndef PULLPROOF_MOCKREGISTRY_JOURNAL_JSON_WRITER_H_
#define PULLPROOF_MOCKREGISTRY_JOURNAL_JSON_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace pullproof::mockregistry::journal {

// A JSON string with its quotes. Pure.
std::string JsonText(std::string_view text);

// Each adds one member and returns the object, so that calls chain. Names are not checked for
// being unique.
class JsonObject {
 public:
  JsonObject& Text(std::string_view name, std::string_view value) {
    return Raw(name, JsonText(value));
  }
  JsonObject& Number(std::string_view name, std::int64_t value) {
    return Raw(name, std::to_string(value));
  }
  JsonObject& Unsigned(std::string_view name, std::uint64_t value) {
    return Raw(name, std::to_string(value));
  }
  JsonObject& Flag(std::string_view name, bool value) {
    return Raw(name, value ? "true" : "false");
  }
  // `json` is JSON already.
  JsonObject& Raw(std::string_view name, std::string_view json);
  [[nodiscard]] std::string Finish() const { return out_ + '}'; }

 private:
  std::string out_ = "{";
};

class JsonArray {
 public:
  // `json` is JSON already.
  JsonArray& Add(std::string_view json) {
    if (out_.size() > 1) out_ += ',';
    out_ += json;
    return *this;
  }
  [[nodiscard]] std::string Finish() const { return out_ + ']'; }

 private:
  std::string out_ = "[";
};

}  // namespace pullproof::mockregistry::journal

#endif  // PULLPROOF_MOCKREGISTRY_JOURNAL_JSON_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "mockregistry/journal/journal.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::journal {
namespace {

// What is no UTF-8 cannot stand in JSON: a header may hold any byte from 0x80 on.
std::string JsonText(std::string_view text) {
  return CanonicalJsonString(IsUtf8(text) ? text : Printable(text));
}

// One object, member by member.
class ObjectWriter {
 public:
  void Text(std::string_view name, std::string_view value) { Raw(name, JsonText(value)); }
  void Number(std::string_view name, std::uint64_t value) { Raw(name, fmt::format("{}", value)); }
  void Time(std::string_view name, Duration value) { Raw(name, fmt::format("{}", value.count())); }
  void Headers(std::string_view name, const oci::Headers& headers) {
    std::string lines;
    for (const auto& [header, value] : headers.lines()) {
      if (!lines.empty()) lines += ',';
      lines += fmt::format("[{},{}]", JsonText(header), JsonText(Redact(header, value)));
    }
    Raw(name, fmt::format("[{}]", lines));
  }
  std::string Finish() && { return std::move(out_) + '}'; }

 private:
  void Raw(std::string_view name, std::string_view json) {
    out_ += fmt::format("{}\"{}\":{}", out_.size() == 1 ? "" : ",", name, json);
  }

  std::string out_ = "{";
};

bool IsForm(const oci::Headers& headers) {
  const std::string type = headers.Find("Content-Type").value_or("");
  return EqualsIgnoreCase(Trim(std::string_view(type).substr(0, type.find(';'))),
                          "application/x-www-form-urlencoded");
}

void WriteBody(const Entry& entry, ObjectWriter& object) {
  if (IsForm(entry.request_headers)) {
    object.Text("request_body", RedactForm(entry.request_body));
  } else if (IsUtf8(entry.request_body)) {
    object.Text("request_body", entry.request_body);
  } else {
    object.Text("request_body_base64", Base64Encode(entry.request_body));
  }
}

}  // namespace

std::string ToJson(const Entry& entry) {
  ObjectWriter object;
  object.Number("number", entry.number);
  object.Time("received_ns", entry.received);
  object.Time("answered_ns", entry.answered);
  object.Number("connection", entry.connection);
  object.Text("host", entry.host);
  object.Text("method", entry.method);
  object.Text("target", entry.target);
  object.Headers("request_headers", entry.request_headers);
  WriteBody(entry, object);
  object.Number("request_body_size", entry.request_body_size);
  object.Text("operation", entry.operation);
  object.Text("repository", entry.repository);
  object.Text("reference", entry.reference);
  object.Text("name", entry.name);
  object.Text("rule", entry.rule);
  object.Number("status", static_cast<std::uint64_t>(entry.status));
  object.Headers("response_headers", entry.response_headers);
  object.Number("body_size", entry.body_size);
  object.Number("body_sent", entry.body_sent);
  object.Text("ending", entry.ending);
  return std::move(object).Finish();
}

}  // namespace pullproof::mockregistry::journal

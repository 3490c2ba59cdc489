#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/journal/journal.h"
#include "mockregistry/journal/json_writer.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::journal {
namespace {

std::string HeadersJson(const oci::Headers& headers) {
  JsonArray lines;
  for (const auto& [header, value] : headers.lines()) {
    lines.Add(fmt::format("[{},{}]", JsonText(header), JsonText(Redact(header, value))));
  }
  return lines.Finish();
}

bool IsForm(const oci::Headers& headers) {
  const std::string type = headers.Find("Content-Type").value_or("");
  return EqualsIgnoreCase(Trim(std::string_view(type).substr(0, type.find(';'))),
                          "application/x-www-form-urlencoded");
}

void WriteBody(const Entry& entry, JsonObject& object) {
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
  JsonObject object;
  object.Unsigned("number", entry.number);
  object.Number("received_ns", entry.received.count());
  object.Number("began_ns", entry.began.count());
  object.Number("answered_ns", entry.answered.count());
  object.Unsigned("connection", entry.connection);
  object.Text("host", entry.host);
  object.Text("via", entry.via);
  object.Text("method", entry.method);
  object.Text("target", RedactTarget(entry.target));
  object.Raw("request_headers", HeadersJson(entry.request_headers));
  WriteBody(entry, object);
  object.Unsigned("request_body_size", entry.request_body_size);
  object.Text("operation", entry.operation);
  object.Text("repository", entry.repository);
  object.Text("reference", entry.reference);
  object.Text("name", entry.name);
  object.Flag("rules_asked", entry.rules_asked);
  object.Text("rule", entry.rule);
  if (!entry.mutation.empty()) object.Text("mutation", entry.mutation);
  object.Number("status", entry.status);
  object.Raw("response_headers", HeadersJson(entry.response_headers));
  object.Unsigned("body_size", entry.body_size);
  object.Unsigned("body_sent", entry.body_sent);
  object.Text("ending", entry.ending);
  return object.Finish();
}

}  // namespace pullproof::mockregistry::journal

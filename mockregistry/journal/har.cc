#include "mockregistry/journal/har.h"

#include <chrono>
#include <ctime>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/journal/json_writer.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::journal {
namespace {

// HAR's word for a size or a time that is not known.
constexpr std::int64_t kUnknown = -1;

// "2026-01-02T03:04:05.678Z": ISO 8601, as HAR wants it.
std::string Timestamp(std::chrono::system_clock::time_point time) {
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     ((milliseconds % 1000) + 1000) % 1000);
}

std::string Milliseconds(Duration duration) {
  return fmt::format("{:.3f}", std::chrono::duration<double, std::milli>(duration).count());
}

std::string Pair(std::string_view name, std::string_view value) {
  return JsonObject().Text("name", name).Text("value", value).Finish();
}

std::string HeaderList(const oci::Headers& headers) {
  JsonArray list;
  for (const auto& [name, value] : headers.lines()) list.Add(Pair(name, Redact(name, value)));
  return list.Finish();
}

std::string QueryList(std::string_view target) {
  JsonArray list;
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return list.Finish();
  for (const std::string_view field : Split(target.substr(mark + 1), '&')) {
    if (field.empty()) continue;
    const std::size_t equals = field.find('=');
    const std::string name =
        PercentDecode(field.substr(0, equals)).value_or(std::string(field.substr(0, equals)));
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : field.substr(equals + 1);
    // A secret's fingerprint is that of its bytes as they were sent.
    list.Add(Pair(name, IsSecretParameter(name)
                            ? RedactParameter(name, value)
                            : PercentDecode(value).value_or(std::string(value))));
  }
  return list.Finish();
}

std::string RequestOf(const Entry& entry, const HarContext& context) {
  JsonObject request;
  request.Text("method", entry.method)
      .Text("url", context.origin(entry.host) + RedactTarget(entry.target))
      .Text("httpVersion", "HTTP/1.1")
      .Raw("cookies", "[]")
      .Raw("headers", HeaderList(entry.request_headers))
      .Raw("queryString", QueryList(entry.target));
  if (entry.request_body_size > 0) {
    // Of a body that was pushed, the size is what can be of interest; a form shows what was asked.
    const std::string type = entry.request_headers.Find("Content-Type").value_or("");
    const bool is_form = type.starts_with("application/x-www-form-urlencoded");
    request.Raw("postData", JsonObject()
                                .Text("mimeType", type)
                                .Raw("params", "[]")
                                .Text("text", is_form ? RedactForm(entry.request_body) : "")
                                .Finish());
  }
  return request.Number("headersSize", kUnknown)
      .Unsigned("bodySize", entry.request_body_size)
      .Finish();
}

std::string ResponseOf(const Entry& entry) {
  return JsonObject()
      .Number("status", entry.status)
      .Text("statusText", "")
      .Text("httpVersion", "HTTP/1.1")
      .Raw("cookies", "[]")
      .Raw("headers", HeaderList(entry.response_headers))
      .Raw("content",
           JsonObject()
               .Unsigned("size", entry.body_size)
               .Text("mimeType", entry.response_headers.Find("Content-Type").value_or(""))
               .Finish())
      .Text("redirectURL", RedactTarget(entry.response_headers.Find("Location").value_or("")))
      .Number("headersSize", kUnknown)
      .Unsigned("bodySize", entry.body_sent)
      .Finish();
}

std::string EntryOf(const Entry& entry, const HarContext& context) {
  const auto started =
      context.epoch +
      std::chrono::duration_cast<std::chrono::system_clock::duration>(entry.received);
  return JsonObject()
      .Text("startedDateTime", Timestamp(started))
      .Raw("time", Milliseconds(entry.answered - entry.received))
      .Raw("request", RequestOf(entry, context))
      .Raw("response", ResponseOf(entry))
      .Raw("cache", "{}")
      .Raw("timings", JsonObject()
                          .Number("send", 0)
                          .Raw("wait", Milliseconds(entry.began - entry.received))
                          .Raw("receive", Milliseconds(entry.answered - entry.began))
                          .Finish())
      .Text("connection", std::to_string(entry.connection))
      .Unsigned("_number", entry.number)
      .Text("_operation", entry.operation)
      .Text("_repository", entry.repository)
      .Text("_name", entry.name)
      .Text("_rule", entry.rule)
      .Text("_ending", entry.ending)
      .Finish();
}

}  // namespace

std::string ToHar(std::span<const Entry> entries, const HarContext& context) {
  JsonArray list;
  for (const Entry& entry : entries) {
    if (!entry.ending.empty()) list.Add(EntryOf(entry, context));
  }
  const std::string creator =
      JsonObject().Text("name", "pullproof").Text("version", context.creator_version).Finish();
  const std::string log = JsonObject()
                              .Text("version", "1.2")
                              .Raw("creator", creator)
                              .Raw("entries", list.Finish())
                              .Finish();
  return JsonObject().Raw("log", log).Finish();
}

}  // namespace pullproof::mockregistry::journal

#include "mockregistry/wire/response_head.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::wire {
namespace {

using script::Framing;
using script::Plan;

bool AllowsBody(int status) {
  constexpr int kNoContent = 204;
  constexpr int kNotModified = 304;
  return status >= 200 && status != kNoContent && status != kNotModified;
}

bool SaysClose(const oci::Headers& headers) {
  if (!headers.Has("Connection")) return false;
  return EqualsIgnoreCase(Trim(*headers.Joined("Connection")), "close");
}

void AppendClean(std::string_view text, std::string& out) {
  const auto is_break = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  const std::size_t before = out.size();
  out += text;
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(), is_break, ' ');
}

void AppendLine(std::string_view name, std::string_view value, std::string& out) {
  AppendClean(name, out);
  out += ": ";
  AppendClean(value, out);
  out += "\r\n";
}

// Content-Length or Transfer-Encoding, also in the answer to HEAD, where they say what GET would
// get. An answer that has no body has neither, unless the plan lies. RFC 9110 section 8.6.
void AppendFraming(const Plan& plan, const AnswerShape& shape, std::string& out) {
  const oci::Headers& headers = plan.response.headers;
  if (headers.Has("Content-Length") || headers.Has("Transfer-Encoding")) return;
  if (plan.stated_length) {
    AppendLine("Content-Length", fmt::format_int(*plan.stated_length).c_str(), out);
  } else if (!AllowsBody(plan.response.status)) {
    return;
  } else if (shape.framing == Framing::kChunked) {
    AppendLine("Transfer-Encoding", "chunked", out);
  } else if (shape.framing == Framing::kLength) {
    AppendLine("Content-Length", fmt::format_int(shape.body_size).c_str(), out);
  }
}

// Whether the head promises another length than the body has; then nothing can follow the body.
bool IsLengthALie(const Plan& plan, std::uint64_t body_size) {
  if (const std::string* header = plan.response.headers.Peek("Content-Length")) {
    return *header != fmt::format_int(body_size).c_str();
  }
  return plan.stated_length && *plan.stated_length != body_size;
}

}  // namespace

bool OpensTunnel(const Plan& plan, const RequestHead& request) {
  return request.method == "CONNECT" && plan.response.status / 100 == 2;
}

AnswerShape ShapeOf(const Plan& plan, const RequestHead& request) {
  AnswerShape shape;
  if (OpensTunnel(plan, request)) return shape;
  shape.body_size = plan.response.body ? plan.response.body->size() : 0;
  shape.sends_body =
      request.method != "HEAD" && !plan.response.head_only && AllowsBody(plan.response.status);
  shape.framing = plan.chunk_error ? Framing::kChunked : plan.framing;
  shape.ends_connection = !request.persists || SaysClose(plan.response.headers) ||
                          (shape.sends_body && (shape.framing == Framing::kUntilClose ||
                                                IsLengthALie(plan, shape.body_size)));
  return shape;
}

std::string ResponseHead(const Plan& plan, const RequestHead& request,
                         std::chrono::system_clock::time_point now) {
  constexpr std::size_t kUsualSize = 512;
  const oci::Headers& headers = plan.response.headers;
  const AnswerShape shape = ShapeOf(plan, request);
  std::string out;
  out.reserve(kUsualSize);
  if (plan.status_line.empty()) {
    out += "HTTP/1.1 ";
    out += fmt::format_int(plan.response.status).c_str();
    out += ' ';
    out += ReasonOf(plan.response.status);
  } else {
    out += plan.status_line;
  }
  out += "\r\n";
  for (const auto& [name, value] : headers.lines()) AppendLine(name, value, out);
  if (!headers.Has("Date")) AppendLine("Date", HttpDate(now), out);
  if (!OpensTunnel(plan, request)) {
    const bool is_close_known = !request.persists || shape.framing == Framing::kUntilClose;
    if (is_close_known && !headers.Has("Connection")) AppendLine("Connection", "close", out);
    AppendFraming(plan, shape, out);
  }
  out += "\r\n";
  return out;
}

std::string HttpDate(std::chrono::system_clock::time_point time) {
  static constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                            "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  // In every answer, and therefore without a formatter.
  std::string text(kDays.at(std::chrono::weekday(day).c_encoding()));
  const auto add = [&text](std::string_view before, std::int64_t number, std::size_t digits) {
    text += before;
    text.append(digits, '0');
    for (std::size_t i = 1; i <= digits; ++i, number /= 10) {
      text[text.size() - i] = static_cast<char>('0' + number % 10);
    }
  };
  add(", ", static_cast<unsigned>(date.day()), 2);
  text += ' ';
  text += kMonths.at(static_cast<unsigned>(date.month()) - 1);
  add(" ", static_cast<int>(date.year()), 4);
  add(" ", clock.hours().count(), 2);
  add(":", clock.minutes().count(), 2);
  add(":", clock.seconds().count(), 2);
  return text + " GMT";
}

std::string_view ReasonOf(int status) {
  static constexpr auto kReasons = std::to_array<std::pair<int, std::string_view>>({
      {100, "Continue"},
      {103, "Early Hints"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {300, "Multiple Choices"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {402, "Payment Required"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {407, "Proxy Authentication Required"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {418, "I'm a Teapot"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {425, "Too Early"},
      {426, "Upgrade Required"},
      {428, "Precondition Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {451, "Unavailable For Legal Reasons"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
      {507, "Insufficient Storage"},
      {511, "Network Authentication Required"},
  });
  const auto found =
      std::ranges::find(kReasons, status, [](const auto& entry) { return entry.first; });
  return found == kReasons.end() ? "Unknown" : found->second;
}

}  // namespace pullproof::mockregistry::wire

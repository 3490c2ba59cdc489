#include "conformance/judge/exchange.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/headers.h"

namespace pullproof::conformance::judge {
namespace {

using mockregistry::auth::Secret;
using mockregistry::journal::Entry;

void ReplaceAll(std::string& text, std::string_view what, std::string_view by) {
  if (what.empty()) return;
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

std::vector<std::pair<std::string, std::string>> RedactHeaders(const oci::Headers& headers,
                                                               std::span<const Secret> secrets) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& [name, value] : headers.lines()) {
    lines.emplace_back(name, oci::IsSecretHeader(name) ? mockregistry::journal::Redact(name, value)
                                                       : RedactText(value, secrets));
  }
  return lines;
}

std::uint64_t Microseconds(Duration duration) {
  if (duration < Duration::zero()) return 0;
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

Exchange RedactEntry(const Entry& entry, Duration start, std::span<const Secret> secrets) {
  return {.number = entry.number,
          .connection = entry.connection,
          .received_us = Microseconds(entry.received - start),
          .took_us = Microseconds(entry.answered - entry.received),
          .host = entry.host,
          .method = entry.method,
          .target = RedactText(entry.target, secrets),
          .request_headers = RedactHeaders(entry.request_headers, secrets),
          .operation = entry.operation,
          .name = entry.name,
          .rule = entry.rule,
          .status = entry.status,
          .response_headers = RedactHeaders(entry.response_headers, secrets),
          .body_size = entry.body_size,
          .body_sent = entry.body_sent,
          .ending = entry.ending};
}

}  // namespace

std::vector<Exchange> RedactJournal(std::span<const Entry> journal,
                                    std::span<const Secret> secrets) {
  std::vector<Exchange> exchanges;
  exchanges.reserve(journal.size());
  for (const Entry& entry : journal) {
    exchanges.push_back(RedactEntry(entry, journal.front().received, secrets));
  }
  return exchanges;
}

std::string RedactText(std::string text, std::span<const Secret> secrets) {
  for (const Secret& secret : secrets) {
    const std::string stand_in = fmt::format("<{}>", secret.kind);
    ReplaceAll(text, secret.value, stand_in);
    ReplaceAll(text, PercentEncode(secret.value), stand_in);
  }
  return text;
}

std::string DescribeExchange(const Exchange& exchange) {
  std::string text = exchange.method.empty()
                         ? fmt::format("#{} connection to {}", exchange.number, exchange.host)
                         : fmt::format("#{} {} {} {}", exchange.number, exchange.method,
                                       exchange.host, exchange.target);
  if (!exchange.name.empty()) text += fmt::format(" ({})", exchange.name);
  for (const auto& [name, value] : exchange.request_headers) {
    if (EqualsIgnoreCase(name, "Range") || EqualsIgnoreCase(name, "Authorization")) {
      text += fmt::format(" [{}: {}]", name, value);
    }
  }
  text += exchange.status == 0 ? " -> no answer" : fmt::format(" -> {}", exchange.status);
  if (exchange.body_sent != exchange.body_size) {
    text += fmt::format(", {} of {} bytes", exchange.body_sent, exchange.body_size);
  } else if (exchange.body_size != 0) {
    text += fmt::format(", {} bytes", exchange.body_size);
  }
  if (!exchange.ending.empty() && exchange.ending != "complete") text += ", " + exchange.ending;
  if (!exchange.rule.empty()) text += fmt::format("  <- rule `{}`", exchange.rule);
  return Printable(text);
}

}  // namespace pullproof::conformance::judge

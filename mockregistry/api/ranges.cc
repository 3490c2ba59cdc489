#include "mockregistry/api/ranges.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/api/answer.h"
#include "oci/range.h"

namespace pullproof::mockregistry::api {
namespace {

std::string ContentRangeOf(const oci::ByteSpan& span, std::uint64_t total) {
  return oci::ContentRange{.span = span, .total = total}.ToString();
}

Response Unsatisfiable(std::string_view range, std::uint64_t total) {
  Response response =
      ErrorResponse("RANGE_INVALID", "the range asks for nothing that is there", 0, range);
  response.headers.Add("Content-Range",
                       oci::ContentRange{.span = std::nullopt, .total = total}.ToString());
  return response;
}

// Content cannot hold the boundary by design: it would have to hold a part of its own digest.
std::string BoundaryOf(std::string_view digest) {
  constexpr std::size_t kDigits = 32;
  return fmt::format("part-{}", digest.substr(digest.size() - std::min(kDigits, digest.size())));
}

Response SinglePart(Response whole, const oci::ByteSpan& span) {
  const std::uint64_t total = whole.body->size();
  whole.status = 206;
  whole.headers.Add("Content-Range", ContentRangeOf(span, total));
  whole.body = content::Slice(std::move(whole.body), span.first, span.length());
  return whole;
}

Response MultiPart(Response whole, const std::vector<oci::ByteSpan>& spans,
                   std::string_view digest) {
  const std::uint64_t total = whole.body->size();
  const std::string boundary = BoundaryOf(digest);
  const std::string type = whole.headers.Find("Content-Type").value_or("application/octet-stream");
  std::vector<content::Bytes> pieces;
  for (const oci::ByteSpan& span : spans) {
    pieces.push_back(content::FromString(
        fmt::format("{}--{}\r\nContent-Type: {}\r\nContent-Range: {}\r\n\r\n",
                    pieces.empty() ? "" : "\r\n", boundary, type, ContentRangeOf(span, total))));
    pieces.push_back(content::Slice(whole.body, span.first, span.length()));
  }
  pieces.push_back(content::FromString(fmt::format("\r\n--{}--\r\n", boundary)));
  whole.status = 206;
  whole.headers.Set("Content-Type", fmt::format("multipart/byteranges; boundary={}", boundary));
  whole.body = content::Concatenate(std::move(pieces));
  return whole;
}

}  // namespace

Response PartOf(Response whole, std::string_view range, std::string_view digest) {
  if (!EqualsIgnoreCase(Trim(range.substr(0, range.find('='))), "bytes")) return whole;
  const std::uint64_t total = whole.body->size();
  // RFC 9110 section 14.2 lets a server ignore or reject what is no valid range; a test registry
  // says so.
  const auto ranges = oci::ByteRange::ParseHeader(range);
  if (!ranges) return Unsatisfiable(range, total);
  std::vector<oci::ByteSpan> spans;
  for (const oci::ByteRange& wanted : *ranges) {
    if (const auto span = wanted.Within(total)) spans.push_back(*span);
  }
  if (spans.empty()) return Unsatisfiable(range, total);
  if (spans.size() == 1) return SinglePart(std::move(whole), spans.front());
  return MultiPart(std::move(whole), spans, digest);
}

}  // namespace pullproof::mockregistry::api

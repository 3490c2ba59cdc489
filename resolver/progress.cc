#include "resolver/progress.h"

#include <string_view>
#include <utility>

#include "base/text.h"
#include "oci/range.h"

namespace pullproof::resolver {
namespace {

// Redirects that lead nowhere would fill memory; a run has at most some thousand layers.
constexpr std::size_t kMaxRemembered = 10'000;

// The path of an absolute URL, without its query.
std::string_view PathOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::size_t path = url.find('/', scheme + 3);
  if (path == std::string_view::npos) return {};
  return url.substr(path, url.find_first_of("?#", path) - path);
}

// What follows Content-Length, or what a part is a part of.
std::optional<std::uint64_t> SizeOf(const transport::Response& response) {
  if (response.status == 206) {
    const auto range =
        oci::ContentRange::Parse(response.headers.Find("Content-Range").value_or(""));
    return range ? range->total : std::nullopt;
  }
  if (response.headers.Has("Transfer-Encoding")) return std::nullopt;
  return oci::ParseOffset(response.headers.Find("Content-Length").value_or(""));
}

std::uint64_t FirstByte(const transport::Response& response) {
  if (response.status != 206) return 0;
  const auto range = oci::ContentRange::Parse(response.headers.Find("Content-Range").value_or(""));
  return range && range->span ? range->span->first : 0;
}

bool IsRedirect(int status) { return status >= 300 && status < 400; }
bool IsContent(int status) { return status == 200 || status == 206; }

}  // namespace

std::optional<ProgressTransport::Subject> ProgressTransport::SubjectOf(
    const transport::Request& request) {
  if (request.method != "GET") return std::nullopt;
  {
    const std::scoped_lock lock(mutex_);
    const auto known = elsewhere_.find(request.url);
    if (known != elsewhere_.end()) return known->second;
  }
  std::string_view path = PathOf(request.url);
  if (!path.starts_with("/v2/")) return std::nullopt;
  path.remove_prefix(4);
  for (const auto& [part, is_manifest] :
       {std::pair<std::string_view, bool>{"/manifests/", true}, {"/blobs/", false}}) {
    const std::size_t at = path.rfind(part);
    if (at == std::string_view::npos || at == 0) continue;
    const std::string_view name = path.substr(at + part.size());
    if (name.empty() || name.contains('/')) continue;
    return Subject{is_manifest, std::string(path.substr(0, at)), std::string(name)};
  }
  return std::nullopt;
}

void ProgressTransport::Tell(const ProgressEvent& event) {
  const std::scoped_lock lock(mutex_);
  on_progress_(event);
}

void ProgressTransport::Remember(const std::string& location, const Subject& subject) {
  const std::scoped_lock lock(mutex_);
  if (elsewhere_.size() < kMaxRemembered) elsewhere_[location] = subject;
}

Result<transport::Response> ProgressTransport::Exchange(const transport::Request& request,
                                                        const transport::Receiver& receiver) {
  using Kind = ProgressEvent::Kind;
  const std::optional<Subject> subject = SubjectOf(request);
  if (!subject) return inner_.Exchange(request, receiver);
  ProgressEvent event{.kind = Kind::kLayerStart,
                      .repository = subject->repository,
                      .name = subject->name,
                      .done = 0,
                      .size = {}};
  bool is_layer = false;  // and it is arriving
  const transport::Receiver watching{
      .on_response = [&](const transport::Response& response) -> Result<void> {
        if (IsRedirect(response.status)) {
          if (const auto location = response.headers.Find("Location")) {
            Remember(*location, *subject);
          }
        }
        if (IsContent(response.status)) {
          event.done = FirstByte(response);
          event.size = SizeOf(response);
          event.kind = subject->is_manifest ? Kind::kManifest : Kind::kLayerStart;
          is_layer = !subject->is_manifest;
          Tell(event);
          event.kind = Kind::kLayerProgress;
        }
        return receiver.on_response(response);
      },
      .on_body = [&](std::string_view bytes) -> Result<void> {
        PULLPROOF_RETURN_IF_ERROR(receiver.on_body(bytes));
        if (!is_layer) return {};
        event.done += bytes.size();
        Tell(event);
        return {};
      }};
  auto result = inner_.Exchange(request, watching);
  if (is_layer) {
    event.kind = result ? Kind::kLayerDone : Kind::kLayerFailed;
    Tell(event);
  }
  return result;
}

}  // namespace pullproof::resolver

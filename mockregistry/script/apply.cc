#include "mockregistry/script/apply.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mockregistry/api/handle.h"
#include "mockregistry/content/byte_source.h"
#include "mockregistry/script/descriptor_lie.h"
#include "mockregistry/script/mutation.h"
#include "oci/digest.h"
#include "oci/manifest.h"
#include "oci/range.h"

namespace pullproof::mockregistry::script {
namespace {

std::uint64_t SizeOf(const content::Bytes& bytes) { return bytes == nullptr ? 0 : bytes->size(); }

bool IsHead(const api::Request& request) { return request.method == "HEAD"; }

// RFC 9110 section 6.4.1: these have no content; a body after them would be read as the next
// answer. Whoever wants that fault says so with body.append.
bool HasNoContent(int status) {
  constexpr int kNoContent = 204;
  constexpr int kNotModified = 304;
  return status == kNoContent || status == kNotModified;
}

void ApplyStatus(const Rule& rule, const api::Request& request, api::Response& response) {
  const Effect& effect = rule.effect;
  if (effect.error) {
    response =
        api::ErrorResponse(*effect.error, fmt::format("rule {} of the fixture says so", rule.id),
                           effect.status.value_or(0));
    response.head_only = IsHead(request);
  } else if (effect.status) {
    response.status = *effect.status;
    if (HasNoContent(*effect.status)) response.body = nullptr;
  }
}

// The value with `{origin:HOST}` and `{location}` filled in: what a fixture cannot know beforehand.
std::string FilledIn(std::string value, const api::Response& response,
                     const Surroundings& surroundings) {
  constexpr std::string_view kLocation = "{location}";
  for (std::size_t at = value.find(kOriginPlaceholder); at != std::string::npos;
       at = value.find(kOriginPlaceholder, at)) {
    const std::size_t end = value.find('}', at);
    if (end == std::string::npos) break;
    const std::size_t name = at + kOriginPlaceholder.size();
    const std::string origin = surroundings.origin(value.substr(name, end - name));
    value.replace(at, end + 1 - at, origin);
    at += origin.size();
  }
  if (const std::size_t at = value.find(kLocation); at != std::string::npos) {
    value.replace(at, kLocation.size(), response.headers.Find("Location").value_or(""));
  }
  return value;
}

void ApplyHeaders(const Effect& effect, const Surroundings& surroundings, api::Response& response) {
  for (const auto& [name, value] : effect.headers) {
    response.headers.Set(name, FilledIn(value, response, surroundings));
  }
  for (const std::string& name : effect.drop_headers) response.headers.Remove(name);
}

std::string LocationOf(const Redirect& redirect, const api::Request& request,
                       const Surroundings& surroundings) {
  std::string location = surroundings.origin(redirect.host);
  location += redirect.keep_path ? request.target : "/";
  char separator = location.contains('?') ? '&' : '?';
  for (const auto& [name, value] : redirect.query) {
    location += fmt::format("{}{}={}", separator, name, value);
    separator = '&';
  }
  return location;
}

// --- The body ---

// Other content in place of this one: for a range, the same range of it, as far as it goes.
content::Bytes Swapped(const api::Response& response, std::string_view name,
                       const content::Content& content) {
  content::Bytes other;
  if (const content::Blob* blob = content.FindBlob(name)) {
    other = blob->bytes;
  } else if (const content::StoredManifest* manifest = content.FindManifest(name)) {
    other = content::FromString(manifest->bytes);
  }
  const std::optional<std::string> header = response.headers.Find("Content-Range");
  if (!header) return other;
  const Result<oci::ContentRange> range = oci::ContentRange::Parse(*header);
  if (!range || !range->span) return other;
  const std::uint64_t first = std::min(range->span->first, SizeOf(other));
  return content::Slice(other, first, std::min(range->span->length(), SizeOf(other) - first));
}

content::Bytes Altered(const BodyFault& fault, const api::Response& response,
                       const content::Content& content) {
  constexpr std::uint64_t kBitsPerByte = 8;
  content::Bytes body = fault.swap ? Swapped(response, *fault.swap, content) : response.body;
  if (fault.flip_bit && SizeOf(body) > 0) {
    body = content::FlipBit(body, *fault.flip_bit % (SizeOf(body) * kBitsPerByte));
  }
  if (fault.append) {
    content::Bytes tail = content::FromString(*fault.append);
    body = body == nullptr ? tail : content::Concatenate({body, tail});
  }
  return body;
}

End EndOf(Cut::Ending ending) {
  switch (ending) {
    case Cut::Ending::kRst:
      return End::kRst;
    case Cut::Ending::kHang:
      return End::kHang;
    case Cut::Ending::kFin:
    case Cut::Ending::kTidy:
      return End::kFin;
  }
  return End::kFin;
}

void ApplyCut(const Cut& cut, Plan& plan) {
  const std::uint64_t size = SizeOf(plan.response.body);
  const std::uint64_t at = cut.at.In(size);
  if (cut.ending == Cut::Ending::kTidy) {
    if (at < size) plan.response.body = content::Slice(plan.response.body, 0, at);
  } else if (!plan.response.head_only) {
    plan.cut_at = at;
    plan.cut_end = EndOf(cut.ending);
  }
}

void ApplyBody(const BodyFault& fault, const content::Content& content, Plan& plan) {
  plan.response.body = Altered(fault, plan.response, content);
  if (fault.cut) ApplyCut(*fault.cut, plan);
  plan.bytes_per_s = fault.bytes_per_s;
  plan.slice = fault.slice;
  plan.stated_length = fault.length;
  plan.framing = fault.framing.value_or(fault.chunk_error ? Framing::kChunked : Framing::kLength);
  plan.chunk_error = fault.chunk_error && !plan.response.head_only;
}

void ApplyDescriptor(DescriptorLie lie, const content::Content& content, api::Response& response) {
  const std::optional<oci::Digest> child = content.DigestOfName(lie.of);
  if (!child || response.body == nullptr || response.body->size() > oci::kMaxManifestBytes) return;
  if (lie.digest) {
    const std::optional<oci::Digest> named = content.DigestOfName(*lie.digest);
    if (named) lie.digest = named->ToString();
  }
  std::optional<std::string> manifest =
      TellLie(content::ReadAll(*response.body), child->ToString(), lie);
  if (manifest) response.body = content::FromString(*std::move(manifest));
}

// Only of a manifest: what an error says, or a redirect, stays as it is.
void ApplyMutation(const Rule& rule, const Surroundings& surroundings, Plan& plan) {
  api::Response& response = plan.response;
  if (response.body == nullptr || response.body->size() > oci::kMaxManifestBytes) return;
  const Mutation& mutation = *rule.effect.mutate;
  const std::uint64_t key =
      MutationKey(mutation.seed.value_or(surroundings.seed), rule.id, surroundings.firing);
  std::optional<Mutated> mutated = Mutate(content::ReadAll(*response.body), key, mutation.rounds);
  if (!mutated) return;
  const std::string digest = oci::Digest::Of(mutated->bytes).ToString();
  constexpr std::string_view kDigest = "Docker-Content-Digest";
  if (response.headers.Find(kDigest)) response.headers.Set(kDigest, digest);
  if (response.headers.Find("ETag")) response.headers.Set("ETag", fmt::format("\"{}\"", digest));
  response.body = content::FromString(std::move(mutated->bytes));
  plan.mutation = std::move(mutated->changes);
}

}  // namespace

Plan Apply(const Rule* rule, const api::Request& request, api::Response answer,
           const Surroundings& surroundings) {
  Plan plan;
  plan.response = std::move(answer);
  if (rule == nullptr) return plan;
  constexpr int kOk = 200;
  const bool is_content = plan.response.status == kOk;
  const Effect& effect = rule->effect;
  plan.rule = rule->id;
  plan.wait = effect.wait;
  plan.instead = effect.connection;
  if (plan.instead) return plan;
  if (effect.redirect) {
    plan.response = {.status = effect.redirect->status,
                     .headers = {},
                     .body = nullptr,
                     .head_only = IsHead(request)};
  }
  ApplyStatus(*rule, request, plan.response);
  ApplyHeaders(effect, surroundings, plan.response);
  plan.status_line = effect.status_line;
  if (effect.redirect) {
    plan.response.status = effect.redirect->status;
    plan.response.headers.Set("Location", LocationOf(*effect.redirect, request, surroundings));
  }
  if (effect.descriptor) ApplyDescriptor(*effect.descriptor, *surroundings.content, plan.response);
  if (effect.mutate && is_content) ApplyMutation(*rule, surroundings, plan);
  if (effect.body) ApplyBody(*effect.body, *surroundings.content, plan);
  return plan;
}

}  // namespace pullproof::mockregistry::script

#include "mockregistry/api/route.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace pullproof::mockregistry::api {
namespace {

// Indexed by Operation.
constexpr std::array<std::string_view, 19> kNames = {"",
                                                     "ping",
                                                     "manifest.get",
                                                     "manifest.head",
                                                     "manifest.put",
                                                     "manifest.delete",
                                                     "blob.get",
                                                     "blob.head",
                                                     "blob.delete",
                                                     "upload.start",
                                                     "upload.mount",
                                                     "upload.patch",
                                                     "upload.put",
                                                     "upload.get",
                                                     "upload.delete",
                                                     "tags.list",
                                                     "referrers.list",
                                                     "catalog",
                                                     "token"};
static_assert(kNames.size() == static_cast<std::size_t>(Operation::kToken) + 1);

enum class Resource {
  kNone,
  kBase,
  kManifest,
  kBlob,
  kUploads,
  kUpload,
  kTags,
  kReferrers,
  kCatalog,
  kToken
};

struct Verb {
  Resource resource;
  std::string_view method;
  Operation operation;
};

// Spec: distribution-spec, "Endpoints". A resource that can be read answers HEAD too (RFC 9110
// section 9.1).
constexpr std::array kVerbs = {
    Verb{Resource::kBase, "GET", Operation::kPing},
    Verb{Resource::kBase, "HEAD", Operation::kPing},
    Verb{Resource::kManifest, "GET", Operation::kManifestGet},
    Verb{Resource::kManifest, "HEAD", Operation::kManifestHead},
    Verb{Resource::kManifest, "PUT", Operation::kManifestPut},
    Verb{Resource::kManifest, "DELETE", Operation::kManifestDelete},
    Verb{Resource::kBlob, "GET", Operation::kBlobGet},
    Verb{Resource::kBlob, "HEAD", Operation::kBlobHead},
    Verb{Resource::kBlob, "DELETE", Operation::kBlobDelete},
    Verb{Resource::kUploads, "POST", Operation::kUploadStart},
    Verb{Resource::kUpload, "GET", Operation::kUploadGet},
    Verb{Resource::kUpload, "HEAD", Operation::kUploadGet},
    Verb{Resource::kUpload, "PATCH", Operation::kUploadPatch},
    Verb{Resource::kUpload, "PUT", Operation::kUploadPut},
    Verb{Resource::kUpload, "DELETE", Operation::kUploadDelete},
    Verb{Resource::kTags, "GET", Operation::kTagsList},
    Verb{Resource::kTags, "HEAD", Operation::kTagsList},
    Verb{Resource::kReferrers, "GET", Operation::kReferrersList},
    Verb{Resource::kReferrers, "HEAD", Operation::kReferrersList},
    Verb{Resource::kCatalog, "GET", Operation::kCatalog},
    Verb{Resource::kCatalog, "HEAD", Operation::kCatalog},
    Verb{Resource::kToken, "GET", Operation::kToken},
    Verb{Resource::kToken, "POST", Operation::kToken},
};

struct Place {
  Resource resource = Resource::kNone;
  std::string_view repository;
  std::string_view reference;
};

// Takes the last segment off: "a/b/c" gives "c" and leaves "a/b". nullopt without a slash.
std::optional<std::string_view> TakeLastSegment(std::string_view& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view segment = path.substr(slash + 1);
  path = path.substr(0, slash);
  return segment;
}

// What lies below /v2/<name>/. Names may hold any word, "tags" and "manifests" too, so that a path
// is read from its end.
Place PlaceInRepository(std::string_view rest) {
  const auto leaf = TakeLastSegment(rest);
  if (!leaf) return {};
  const auto parent = TakeLastSegment(rest);
  if (!parent) return {};
  if (*parent == "uploads" && rest.ends_with("/blobs")) {
    rest.remove_suffix(std::string_view("/blobs").size());
    return {leaf->empty() ? Resource::kUploads : Resource::kUpload, rest, *leaf};
  }
  if (*parent == "tags" && *leaf == "list") return {Resource::kTags, rest, {}};
  if (leaf->empty()) return {};
  if (*parent == "manifests") return {Resource::kManifest, rest, *leaf};
  if (*parent == "blobs") return {Resource::kBlob, rest, *leaf};
  if (*parent == "referrers") return {Resource::kReferrers, rest, *leaf};
  return {};
}

Place PlaceOf(std::string_view path) {
  constexpr std::string_view kBase = "/v2/";
  if (path == kTokenPath) return {Resource::kToken, {}, {}};
  if (!path.starts_with(kBase)) return {};
  path.remove_prefix(kBase.size());
  if (path.empty()) return {Resource::kBase, {}, {}};
  if (path == "_catalog") return {Resource::kCatalog, {}, {}};
  return PlaceInRepository(path);
}

std::string_view PathOf(std::string_view target) { return target.substr(0, target.find('?')); }

std::string DecodeFormText(std::string_view text) {
  if (text.find_first_of("%+") == std::string_view::npos) return std::string(text);
  std::string blanks(text);
  std::ranges::replace(blanks, '+', ' ');
  if (auto decoded = PercentDecode(blanks)) return *std::move(decoded);
  return std::string(text);
}

}  // namespace

std::string_view OperationName(Operation operation) {
  return kNames.at(static_cast<std::size_t>(operation));
}

std::vector<std::string_view> OperationNames() { return {kNames.begin() + 1, kNames.end()}; }

std::optional<std::string> Route::Query(std::string_view name) const {
  const auto found = std::ranges::find(query, name, &std::pair<std::string, std::string>::first);
  if (found == query.end()) return std::nullopt;
  return found->second;
}

Route RouteOf(std::string_view method, std::string_view target) {
  Route route;
  if (const std::size_t mark = target.find('?'); mark != std::string_view::npos) {
    route.query = ParseQuery(target.substr(mark + 1));
  }
  const Place place = PlaceOf(PathOf(target));
  const auto verb = std::ranges::find_if(kVerbs, [&](const Verb& candidate) {
    return candidate.resource == place.resource && candidate.method == method;
  });
  if (verb == kVerbs.end()) return route;
  route.operation = verb->operation;
  route.repository = place.repository;
  route.reference = place.reference;
  if (route.operation == Operation::kUploadStart && route.Query("mount")) {
    route.operation = Operation::kUploadMount;
  }
  return route;
}

std::vector<std::string_view> MethodsOf(std::string_view target) {
  const Place place = PlaceOf(PathOf(target));
  std::vector<std::string_view> methods;
  for (const Verb& verb : kVerbs) {
    if (verb.resource == place.resource) methods.push_back(verb.method);
  }
  return methods;
}

std::vector<std::pair<std::string, std::string>> ParseQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const std::string_view part : Split(query, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    parameters.emplace_back(DecodeFormText(part.substr(0, equals)), DecodeFormText(value));
  }
  return parameters;
}

}  // namespace pullproof::mockregistry::api

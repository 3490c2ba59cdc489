#include "oci/descriptor.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::oci {
namespace {

std::unexpected<Error> FailDescriptor(std::string_view where, std::string message) {
  return Fail("manifest.descriptor", std::move(message), std::string(where));
}

Result<std::string> StringMember(const Node& node, std::string_view name, std::string_view where) {
  const Node* member = node.Find(name);
  if (member == nullptr) return std::string();
  if (const std::string* text = member->string()) return *text;
  return FailDescriptor(where,
                        fmt::format("`{}` must be a string, not {}", name, member->KindName()));
}

Result<Platform> PlatformFromNode(const Node& node, std::string_view where) {
  if (node.table() == nullptr) return FailDescriptor(where, "`platform` must be an object");
  Platform platform;
  PULLPROOF_ASSIGN_OR_RETURN(platform.architecture, StringMember(node, "architecture", where));
  PULLPROOF_ASSIGN_OR_RETURN(platform.os, StringMember(node, "os", where));
  PULLPROOF_ASSIGN_OR_RETURN(platform.variant, StringMember(node, "variant", where));
  PULLPROOF_ASSIGN_OR_RETURN(platform.os_version, StringMember(node, "os.version", where));
  return platform;
}

Result<std::uint64_t> SizeFromNode(const Node* node, std::string_view where) {
  if (node == nullptr) return FailDescriptor(where, "a descriptor without `size`");
  const std::int64_t* size = node->integer();
  if (size == nullptr) {
    return FailDescriptor(
        where, fmt::format("`size` must be an integer of 64 bits, not {}", node->KindName()));
  }
  if (*size < 0) return FailDescriptor(where, fmt::format("`size` is negative: {}", *size));
  return static_cast<std::uint64_t>(*size);
}

// Spec: descriptor.md "Embedded content": it MUST match digest and size.
Result<std::string> DataFromNode(const Node& node, const Descriptor& descriptor,
                                 std::string_view where) {
  const std::string* text = node.string();
  if (text == nullptr) return FailDescriptor(where, "`data` must be a string");
  auto bytes = Base64Decode(*text);
  if (!bytes) return FailDescriptor(where, "`data` is " + bytes.error().message);
  Verifier verifier(descriptor.digest, descriptor.size);
  PULLPROOF_RETURN_IF_ERROR(verifier.Update(*bytes));
  PULLPROOF_RETURN_IF_ERROR(verifier.Finish());
  return *std::move(bytes);
}

}  // namespace

Result<Platform> Platform::Parse(std::string_view text) {
  const auto parts = Split(text, '/');
  if (parts.size() < 2 || parts.size() > 3 ||
      std::ranges::any_of(parts, &std::string_view::empty)) {
    return Fail("platform.syntax", fmt::format("`{}` is not a platform", text), {},
                "a platform is OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT: linux/arm/v7");
  }
  return Platform{std::string(parts[1]),
                  std::string(parts[0]),
                  parts.size() == 3 ? std::string(parts[2]) : std::string(),
                  {}};
}

std::string Platform::ToString() const {
  std::string text = os + "/" + architecture;
  if (!variant.empty()) text += "/" + variant;
  return text;
}

bool Platform::Satisfies(const Platform& wanted) const {
  const auto variant_of = [](const Platform& platform) {
    return platform.architecture == "arm64" && platform.variant.empty() ? std::string("v8")
                                                                        : platform.variant;
  };
  const std::string mine = variant_of(*this);
  const std::string theirs = variant_of(wanted);
  return os == wanted.os && architecture == wanted.architecture &&
         (mine.empty() || theirs.empty() || mine == theirs);
}

Result<Descriptor> Descriptor::FromNode(const Node& node, std::string_view where) {
  if (node.table() == nullptr) {
    return FailDescriptor(where,
                          fmt::format("a descriptor must be an object, not {}", node.KindName()));
  }
  const Node* digest_node = node.Find("digest");
  if (digest_node == nullptr || digest_node->string() == nullptr) {
    return FailDescriptor(where, "a descriptor without a `digest` string");
  }
  auto digest = Digest::Parse(*digest_node->string());
  if (!digest) {
    Error error = std::move(digest).error();
    error.message = fmt::format("{}: {}", where, error.message);
    return std::unexpected(std::move(error));
  }
  Descriptor descriptor{.media_type = {},
                        .digest = *std::move(digest),
                        .size = 0,
                        .urls = {},
                        .annotations = {},
                        .data = std::nullopt,
                        .platform = std::nullopt,
                        .artifact_type = {}};
  PULLPROOF_ASSIGN_OR_RETURN(descriptor.media_type, StringMember(node, "mediaType", where));
  PULLPROOF_ASSIGN_OR_RETURN(descriptor.size, SizeFromNode(node.Find("size"), where));
  PULLPROOF_ASSIGN_OR_RETURN(descriptor.artifact_type, StringMember(node, "artifactType", where));
  if (const Node* urls = node.Find("urls"); urls != nullptr && !urls->is_null()) {
    if (urls->array() == nullptr) return FailDescriptor(where, "`urls` must be an array");
    for (const Node& url : *urls->array()) {
      if (url.string() == nullptr) return FailDescriptor(where, "`urls` must hold strings");
      descriptor.urls.push_back(*url.string());
    }
  }
  if (const Node* map = node.Find("annotations"); map != nullptr && !map->is_null()) {
    if (map->table() == nullptr) return FailDescriptor(where, "`annotations` must be an object");
    for (const Node::Member& member : *map->table()) {
      if (member.value.string() == nullptr) {
        return FailDescriptor(where, fmt::format("annotation `{}` is not a string", member.name));
      }
      descriptor.annotations.emplace(member.name, *member.value.string());
    }
  }
  if (const Node* platform = node.Find("platform"); platform != nullptr && !platform->is_null()) {
    PULLPROOF_ASSIGN_OR_RETURN(descriptor.platform, PlatformFromNode(*platform, where));
  }
  if (const Node* data = node.Find("data"); data != nullptr && !data->is_null()) {
    PULLPROOF_ASSIGN_OR_RETURN(descriptor.data, DataFromNode(*data, descriptor, where));
  }
  return descriptor;
}

}  // namespace pullproof::oci

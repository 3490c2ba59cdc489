// Contract: a manifest that parses is bounded, its digests are printable names, and it means the
// same in canonical form and under its own media type.
//
// Input: a Content-Type, a line "~~", the body; or only a body.
#include <string>

#include "base/document.h"
#include "fuzz/contract.h"
#include "oci/manifest.h"

using pullproof::oci::AnyManifest;
using pullproof::oci::Descriptor;
using pullproof::oci::Index;
using pullproof::oci::Manifest;

namespace {

const std::vector<Descriptor>& Children(const AnyManifest& manifest) {
  if (const auto* image = std::get_if<Manifest>(&manifest)) return image->layers;
  return std::get<Index>(manifest).manifests;
}

const std::string& TypeOf(const AnyManifest& manifest) {
  if (const auto* image = std::get_if<Manifest>(&manifest)) return image->media_type;
  return std::get<Index>(manifest).media_type;
}

bool SameChildren(const AnyManifest& a, const AnyManifest& b) {
  const auto& left = Children(a);
  const auto& right = Children(b);
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i].digest != right[i].digest || left[i].size != right[i].size ||
        left[i].media_type != right[i].media_type) {
      return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [type, body] = pullproof::fuzz::SplitAtTildes(pullproof::fuzz::AsText(data, size));
  const auto manifest = pullproof::oci::ParseManifest(body, type, "fuzz");
  if (!manifest) {
    PULLPROOF_CONTRACT(!manifest.error().id.empty() && !manifest.error().message.empty());
    return 0;
  }
  PULLPROOF_CONTRACT(Children(*manifest).size() <= pullproof::oci::kMaxDescriptors);
  for (const Descriptor& child : Children(*manifest)) {
    PULLPROOF_CONTRACT(pullproof::oci::Digest::Parse(child.digest.ToString()) == child.digest);
  }
  // Under the type that it was found to have, it is the same manifest.
  const auto typed = pullproof::oci::ParseManifest(body, TypeOf(*manifest), "fuzz");
  PULLPROOF_CONTRACT(typed.has_value() && SameChildren(*typed, *manifest));
  // Spelling does not matter: order of members, escapes, white space.
  const auto document = pullproof::ParseJson(body, "fuzz");
  PULLPROOF_CONTRACT(document.has_value());
  const auto canonical = pullproof::CanonicalJson(*document);
  if (!canonical) return 0;  // a number with a fraction, in a member that nobody reads
  const auto respelt = pullproof::oci::ParseManifest(*canonical, type, "fuzz");
  PULLPROOF_CONTRACT(respelt.has_value() && SameChildren(*respelt, *manifest));
  return 0;
}

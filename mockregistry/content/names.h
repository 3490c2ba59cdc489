// Names of content where other content uses them: what a name stands for, and who uses which.
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_NAMES_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_NAMES_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/table_reader.h"
#include "mockregistry/content/byte_source.h"
#include "mockregistry/content/fixture.h"
#include "mockregistry/content/text_hash.h"

namespace pullproof::mockregistry::content {

// What is known of named content while others are made from it.
struct Known {
  std::string media_type;
  std::string digest;  // under which it is served; zeros of the right length until it is made
  std::uint64_t size = 0;
  Bytes bytes;  // null until it is made
};

// By name. Holds every name of the fixture before anything is made.
class Catalog {
 public:
  Known& operator[](const std::string& name) { return known_[name]; }
  // The name must be there.
  [[nodiscard]] const Known& Of(std::string_view name) const { return known_.find(name)->second; }

 private:
  TextMap<Known> known_;
};

// One use of a name in a blob or manifest.
struct Use {
  enum class Kind {
    kSize,     // needs nothing but the size
    kDigest,   // needs the digest under which it is served
    kBytes,    // contains it
    kSame,     // has its very bytes, without a copy
    kInline,   // needs the digest, and contains it when Spin would write it into the lock
    kSubject,  // needs the digest; must be a manifest
  };
  Kind kind;
  std::string name;
  Position at;
};

// `{"$digest": n}`, `{"$size": n}` or `{"$base64": n}`, standing for a value; nullopt for every
// other node.
std::optional<Use> AsUse(const Node& node);

// Every use of a name, in document order.
std::vector<Use> UsesOf(const BlobSpec& blob);
std::vector<Use> UsesOf(const ManifestSpec& manifest);

// The node with every `$…` value replaced by what it stands for. All names must be in the catalog;
// content that is not made yet is stood for by a value of the right length.
Node Substitute(const Node& node, const Catalog& catalog);

// The node as canonical JSON. Reports content.fraction at the number that has one.
std::optional<std::string> Canonical(const Node& node, Diagnostics& problems);

// Reports what only looks like a `$…` value: one with more members, or of another kind than a
// string (content.value, an error), and a likely slip of the pen (a warning).
void CheckValues(const Node& node, Diagnostics& problems);

// "did you mean `x`?", or the list of what there is when that is short.
std::string SuggestName(std::string_view word, std::span<const std::string_view> names);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_NAMES_H_

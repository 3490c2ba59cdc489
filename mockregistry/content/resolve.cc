#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "mockregistry/content/content.h"
#include "mockregistry/content/graph.h"
#include "mockregistry/content/lies.h"
#include "mockregistry/content/make.h"
#include "mockregistry/content/name_table.h"
#include "mockregistry/content/names.h"
#include "mockregistry/content/serve.h"

namespace pullproof::mockregistry::content {
namespace {

// Stands for a digest that is not known yet while sizes are found: all have the same length.
std::string PlaceholderDigest() {
  return "sha256:" + std::string(oci::HexLength(oci::Algorithm::kSha256), '0');
}

// A blob or a manifest; exactly one of the two is set.
struct Item {
  std::string name;
  const BlobSpec* blob = nullptr;
  const ManifestSpec* manifest = nullptr;
  std::vector<Use> uses;

  [[nodiscard]] Position at() const { return blob != nullptr ? blob->at : manifest->at; }
};

struct Made {
  Bytes bytes;
  MadeManifest manifest;  // of a manifest
};

// Makes everything in an order in which each thing finds what it needs.
//
// Content that depends on itself is possible only where a lie states a digest beforehand
// (`served_at`). Then the digests form no circle, but the sizes may: a descriptor holds the size of
// what holds the descriptor's own. Those are found by iteration: starting from 0 they only grow,
// with the number of digits of each other, so that they settle, and always to the same values.
class Resolution {
 public:
  Resolution(const Fixture& fixture, const std::filesystem::path& directory, FileSystem& files,
             Diagnostics& problems)
      : fixture_(fixture),
        problems_(problems),
        names_(fixture, problems),
        context_{fixture.seed ? std::to_string(*fixture.seed) : fixture.id,
                 directory,
                 files,
                 catalog_,
                 problems,
                 memory_left_} {}

  std::optional<Content> Run() {
    names_.CheckUses();
    if (problems_.HasErrors()) return std::nullopt;
    Collect();
    for (const std::vector<std::size_t>& group : DependencyGroups(edges_)) MakeGroup(group);
    if (problems_.HasErrors()) return std::nullopt;
    Content content = Assemble();
    CheckLies(fixture_, catalog_, content, problems_);
    AddReferrers(fixture_, catalog_, config_types_, content, problems_);
    AddRepositories(fixture_, content);
    if (problems_.HasErrors()) return std::nullopt;
    return content;
  }

 private:
  void Collect() {
    for (const auto& [name, blob] : fixture_.blobs) {
      items_.push_back({name, &blob, nullptr, UsesOf(blob)});
      catalog_[name].media_type = DefaultMediaType(blob);
    }
    for (const auto& [name, manifest] : fixture_.manifests) {
      items_.push_back({name, nullptr, &manifest, UsesOf(manifest)});
      catalog_[name].media_type = MediaTypeOf(manifest);
    }
    for (const Item& item : items_) {
      const bool stated = item.manifest != nullptr && item.manifest->served_at.has_value();
      catalog_[item.name].digest = stated ? *item.manifest->served_at : PlaceholderDigest();
      std::vector<std::size_t>& targets = edges_.emplace_back();
      for (const Use& use : item.uses) targets.push_back(names_.NumberOf(use.name));
    }
    blobs_.resize(fixture_.blobs.size());
    manifests_.resize(fixture_.manifests.size());
    configs_.resize(fixture_.manifests.size());
    config_types_.resize(fixture_.manifests.size());
  }

  // True if the target must be made first: its digest is not stated beforehand.
  [[nodiscard]] bool MustPrecede(const Use& use, const Item& target) const {
    if (use.kind == Use::Kind::kSize) return false;
    if (use.kind == Use::Kind::kBytes || use.kind == Use::Kind::kSame) return true;
    return target.manifest == nullptr || !target.manifest->served_at;
  }

  // The edges between members of the group that fix an order; nodes are places in the group.
  [[nodiscard]] Edges OrderWithin(std::span<const std::size_t> group) const {
    Edges edges(group.size());
    for (std::size_t i = 0; i < group.size(); ++i) {
      for (const Use& use : items_[group[i]].uses) {
        const std::size_t target = names_.NumberOf(use.name);
        const auto place = std::ranges::lower_bound(group, target);
        if (place == group.end() || *place != target) continue;
        if (!MustPrecede(use, items_[target])) continue;
        edges[i].push_back(static_cast<std::size_t>(place - group.begin()));
      }
    }
    return edges;
  }

  void MakeGroup(std::span<const std::size_t> group) {
    if (CycleIn(group, edges_).empty()) {
      Make(group.front());
      return;
    }
    const Edges within = OrderWithin(group);
    std::vector<std::size_t> order;
    for (const std::vector<std::size_t>& inner : DependencyGroups(within)) {
      const std::vector<std::size_t> cycle = CycleIn(inner, within);
      if (!cycle.empty()) {
        ReportCycle(group, cycle);
        return;
      }
      order.push_back(group[inner.front()]);
    }
    if (!SettleSizes(group)) return;
    for (const std::size_t number : order) Make(number);
  }

  void ReportCycle(std::span<const std::size_t> group, std::span<const std::size_t> cycle) {
    std::string chain;
    for (const std::size_t place : cycle) {
      if (!chain.empty()) chain += " -> ";
      chain += fmt::format("`{}`", items_[group[place]].name);
    }
    problems_.Report("content.cycle", items_[group[cycle.front()]].at(),
                     fmt::format("content cannot hold its own digest: {}", chain),
                     "a manifest of the circle needs lie = { served_at = \"sha256:…\" }");
  }

  // False when a problem was reported.
  bool SettleSizes(std::span<const std::size_t> group) {
    for (bool changed = true; changed;) {
      changed = false;
      for (const std::size_t number : group) {
        const std::uint64_t memory = memory_left_;
        const auto made = MakeBytes(items_[number]);
        memory_left_ = memory;
        if (!made) return false;
        Known& known = catalog_[items_[number].name];
        changed = changed || known.size != made->bytes->size();
        known.size = made->bytes->size();
      }
    }
    return true;
  }

  std::optional<Made> MakeBytes(const Item& item) {
    for (const Use& use : item.uses) {
      const std::uint64_t size = catalog_.Of(use.name).size;
      const bool holds = use.kind == Use::Kind::kBytes ||
                         (use.kind == Use::Kind::kInline && size <= kMaxSpinInline);
      if (holds && !context_.SpendMemory(size, use.at)) return std::nullopt;
    }
    if (item.blob != nullptr) {
      Bytes bytes = MakeBlob(*item.blob, item.name, context_);
      if (bytes == nullptr) return std::nullopt;
      return Made{std::move(bytes), {}};
    }
    auto manifest = MakeManifest(*item.manifest, catalog_, problems_);
    if (!manifest || !context_.SpendMemory(manifest->bytes.size(), item.at())) return std::nullopt;
    Bytes bytes = FromString(manifest->bytes);
    return Made{std::move(bytes), *std::move(manifest)};
  }

  void Make(std::size_t number) {
    const Item& item = items_[number];
    auto made = MakeBytes(item);
    if (!made || !CountBytes(made->bytes->size(), item.at())) return;
    Known& known = catalog_[item.name];
    known.bytes = made->bytes;
    known.size = made->bytes->size();
    if (item.blob != nullptr) {
      oci::Digest digest = DigestOf(*made->bytes);
      known.digest = digest.ToString();
      blobs_[number] = Blob{item.name, known.media_type, std::move(digest), std::move(made->bytes)};
    } else {
      KeepManifest(number - blobs_.size(), item, known, std::move(made->manifest));
    }
  }

  void KeepManifest(std::size_t place, const Item& item, Known& known, MadeManifest made) {
    const oci::Digest hashes_to = oci::Digest::Of(made.bytes);
    const oci::Digest digest =
        item.manifest->served_at ? *oci::Digest::Parse(*item.manifest->served_at) : hashes_to;
    known.digest = digest.ToString();
    if (made.config) {
      configs_[place] = Blob{ConfigName(item.name), made.config_type, oci::Digest::Of(*made.config),
                             FromString(*std::move(made.config))};
    }
    StoredManifest manifest{
        item.name, known.media_type, digest, std::move(made.bytes), hashes_to, {}, {}};
    manifest.children = Children(item, catalog_);
    if (item.manifest->subject) manifest.subject = item.manifest->subject->name;
    config_types_[place] = std::move(made.config_type);
    manifests_[place] = std::move(manifest);
  }

  static std::vector<std::string> Children(const Item& item, const Catalog& catalog) {
    std::vector<std::string> children;
    if (const auto* image = std::get_if<ImageSpec>(&item.manifest->kind)) {
      children.push_back(image->config_blob ? image->config_blob->name : ConfigName(item.name));
      for (const EntrySpec* layer : LayersOf(*image, catalog)) children.push_back(layer->ref);
    } else if (const auto* index = std::get_if<IndexSpec>(&item.manifest->kind)) {
      for (const EntrySpec& entry : index->manifests) children.push_back(entry.ref);
    } else {
      children = std::get<RawSpec>(item.manifest->kind).refers_to;
    }
    return children;
  }

  // Before anything is hashed: hashing is what takes the time.
  bool CountBytes(std::uint64_t size, Position at) {
    const std::uint64_t before = total_bytes_;
    total_bytes_ += size;
    if (total_bytes_ > kMaxContentBytes) {
      problems_.Report(
          "content.size", at,
          fmt::format("the content of the fixture is more than {} GiB", kMaxContentBytes >> 30U));
      return false;
    }
    if (before <= kLargeContentBytes && total_bytes_ > kLargeContentBytes) {
      problems_.Warn("content.large", at,
                     fmt::format("the content of the fixture is more than {} GiB, and every load "
                                 "hashes all of it",
                                 kLargeContentBytes >> 30U),
                     "expect about one second a GiB");
    }
    return true;
  }

  Content Assemble() {
    Content content;
    for (auto& blob : blobs_) content.blobs.push_back(*std::move(blob));
    for (auto& config : configs_) {
      if (config) content.blobs.push_back(*std::move(config));
    }
    for (auto& manifest : manifests_) content.manifests.push_back(*std::move(manifest));
    content.BuildIndex();
    return content;
  }

  const Fixture& fixture_;
  Diagnostics& problems_;
  NameTable names_;
  Catalog catalog_;
  std::uint64_t memory_left_ = kMaxMemoryBytes;
  std::uint64_t total_bytes_ = 0;
  BlobContext context_;
  std::vector<Item> items_;  // numbered as in names_
  Edges edges_;
  std::vector<std::optional<Blob>> blobs_;
  std::vector<std::optional<Blob>> configs_;  // by manifest
  std::vector<std::optional<StoredManifest>> manifests_;
  std::vector<std::string> config_types_;  // by manifest
};

}  // namespace

std::optional<Content> Resolve(const Fixture& fixture, const std::filesystem::path& directory,
                               Diagnostics& problems, FileSystem* files) {
  if (problems.HasErrors()) return std::nullopt;  // the fixture is not whole
  SystemFileSystem system;
  return Resolution(fixture, directory, files != nullptr ? *files : system, problems).Run();
}

}  // namespace pullproof::mockregistry::content

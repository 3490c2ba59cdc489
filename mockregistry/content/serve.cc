#include "mockregistry/content/serve.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "mockregistry/content/make.h"

namespace pullproof::mockregistry::content {
namespace {

// Names of the manifests that name it as their subject, by its name, in the order of the file.
using Subjects = std::unordered_map<std::string_view, std::vector<std::string>>;

Subjects CollectSubjects(const Fixture& fixture) {
  Subjects subjects;
  for (const auto& [name, manifest] : fixture.manifests) {
    if (manifest.subject) subjects[manifest.subject->name].push_back(name);
  }
  return subjects;
}

class ReferrerLists {
 public:
  ReferrerLists(const Fixture& fixture, const Catalog& catalog,
                const std::vector<std::string>& config_types, Diagnostics& problems)
      : catalog_(catalog), problems_(problems), truth_(CollectSubjects(fixture)) {
    for (std::size_t i = 0; i < fixture.manifests.size(); ++i) {
      const auto& [name, manifest] = fixture.manifests[i];
      manifests_[name] = {&manifest, config_types[i]};
    }
    for (const auto& [name, referrers] : fixture.referrers) stated_[name] = &referrers;
  }

  // The descriptors that the API lists for a manifest; empty when there are none, or too much.
  std::vector<std::string> ListOf(std::string_view manifest) {
    std::vector<std::string> list;
    const std::vector<EntrySpec> entries = EntriesOf(manifest);
    for (const EntrySpec& entry : entries) {
      for (const auto& [key, value] : AnnotationsOf(entry)) bytes_ += key.size() + value.size();
      if (bytes_ <= kMaxMemoryBytes) continue;
      problems_.Report(
          "content.size", entry.at,
          fmt::format("the annotations in the lists of referrers take more than {} MiB",
                      kMaxMemoryBytes >> 20U),
          "repeat fewer manifests with long annotations");
      return list;
    }
    list.reserve(entries.size());
    for (const EntrySpec& entry : entries) list.push_back(Describe(entry));
    return list;
  }

 private:
  struct Manifest {
    const ManifestSpec* spec;
    std::string_view config_type;
  };

  std::vector<EntrySpec> EntriesOf(std::string_view manifest) {
    const auto truth = truth_.find(manifest);
    const std::vector<std::string> names =
        truth == truth_.end() ? std::vector<std::string>() : truth->second;
    if (const auto stated = stated_.find(manifest); stated != stated_.end()) {
      if (!stated->second->lie) CheckTrue(manifest, *stated->second, names);
      return stated->second->entries;
    }
    std::vector<EntrySpec> entries(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) entries[i].ref = names[i];
    return entries;
  }

  void CheckTrue(std::string_view manifest, const ReferrersSpec& stated,
                 const std::vector<std::string>& truth) {
    std::multiset<std::string> missing(truth.begin(), truth.end());
    for (const EntrySpec& entry : stated.entries) {
      const auto found = missing.find(entry.ref);
      const bool states_more =
          entry.size || entry.digest || entry.type || !entry.annotations.empty();
      if (found != missing.end() && !states_more) {
        missing.erase(found);
        continue;
      }
      Report(entry.at, fmt::format("`{}` is listed as a referrer of `{}` otherwise than it is",
                                   entry.ref, manifest));
      if (found != missing.end()) missing.erase(found);
    }
    for (const std::string& name : missing) {
      Report(stated.at,
             fmt::format("`{}` has the subject `{}`, and is not listed", name, manifest));
    }
  }

  void Report(Position at, std::string what) {
    problems_.Report("content.unmarked-lie", at, std::move(what),
                     "without a list it is right; if it is meant to be wrong, write "
                     "{ lie = [ … ] } around it");
  }

  using Annotations = std::vector<std::pair<std::string, std::string>>;

  // Those of the manifest, unless the entry states others.
  [[nodiscard]] const Annotations& AnnotationsOf(const EntrySpec& entry) const {
    const auto manifest = manifests_.find(entry.ref);
    const bool stated = !entry.annotations.empty() || manifest == manifests_.end();
    return stated ? entry.annotations : manifest->second.spec->annotations;
  }

  [[nodiscard]] std::string Describe(EntrySpec entry) const {
    entry.annotations = AnnotationsOf(entry);
    std::string_view type;
    if (const auto manifest = manifests_.find(entry.ref); manifest != manifests_.end()) {
      const std::optional<std::string>& stated = manifest->second.spec->artifact_type;
      type = stated ? std::string_view(*stated) : manifest->second.config_type;
    }
    return DescriptorJson(entry, type, catalog_);
  }

  const Catalog& catalog_;
  Diagnostics& problems_;
  Subjects truth_;
  std::unordered_map<std::string_view, Manifest> manifests_;
  std::unordered_map<std::string_view, const ReferrersSpec*> stated_;
  std::uint64_t bytes_ = 0;
};

// Follows everything that one repository serves.
class Reach {
 public:
  Reach(const Content& content,
        const std::unordered_map<std::string_view, std::vector<std::string_view>>& referrers)
      : content_(content), referrers_(referrers) {}

  void Add(std::string_view name) {
    if (seen_.insert(name).second) waiting_.push_back(name);
  }

  void Follow() {
    while (!waiting_.empty()) {
      const std::string_view name = waiting_.back();
      waiting_.pop_back();
      const StoredManifest* manifest = content_.FindManifest(name);
      if (manifest == nullptr) continue;
      for (const std::string& child : manifest->children) Add(child);
      const auto referrers = referrers_.find(name);
      if (referrers == referrers_.end()) continue;
      for (const std::string_view referrer : referrers->second) Add(referrer);
    }
  }

  // Those of `things` that were reached, in their order.
  template <typename Things>
  [[nodiscard]] std::vector<std::string> Reached(const Things& things) const {
    std::vector<std::string> names;
    for (const auto& thing : things) {
      if (seen_.contains(thing.name)) names.push_back(thing.name);
    }
    return names;
  }

 private:
  const Content& content_;
  const std::unordered_map<std::string_view, std::vector<std::string_view>>& referrers_;
  std::unordered_set<std::string_view> seen_;
  std::vector<std::string_view> waiting_;
};

}  // namespace

void AddReferrers(const Fixture& fixture, const Catalog& catalog,
                  const std::vector<std::string>& config_types, Content& content,
                  Diagnostics& problems) {
  ReferrerLists lists(fixture, catalog, config_types, problems);
  for (const auto& [name, manifest] : fixture.manifests) {
    std::vector<std::string> list = lists.ListOf(name);
    if (!list.empty()) content.referrers.emplace_back(name, std::move(list));
  }
}

void AddRepositories(const Fixture& fixture, Content& content) {
  std::unordered_map<std::string_view, std::vector<std::string_view>> referrers;
  for (const auto& [name, manifest] : fixture.manifests) {
    if (manifest.subject) referrers[manifest.subject->name].push_back(name);
  }
  for (const auto& [name, list] : fixture.referrers) {
    for (const EntrySpec& entry : list.entries) referrers[name].push_back(entry.ref);
  }
  for (const auto& [name, spec] : fixture.repositories) {
    Reach reach(content, referrers);
    Repository repository;
    repository.name = name;
    for (const auto& [tag, ref] : spec.tags) {
      repository.tags.emplace_back(tag, ref.name);
      reach.Add(ref.name);
    }
    for (const NameRef& ref : spec.manifests) reach.Add(ref.name);
    for (const NameRef& ref : spec.blobs) reach.Add(ref.name);
    reach.Follow();
    repository.manifests = reach.Reached(content.manifests);
    repository.blobs = reach.Reached(content.blobs);
    content.repositories.push_back(std::move(repository));
  }
}

}  // namespace pullproof::mockregistry::content

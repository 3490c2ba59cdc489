// Contract: a merge follows from its arguments alone, and data never brings authority along. What
// an unpinned package asks for is never granted, its templates are never carried over, and its
// files come out sorted, each path once, none of them climbing.
//
// Input: the package's lock, a line "~~", the importer's spin.toml.
#include <set>
#include <string>

#include "base/document.h"
#include "base/table_reader.h"
#include "fuzz/contract.h"
#include "oci/manifest.h"
#include "resolver/artifact/package.h"
#include "resolver/lock/locked_app.h"
#include "resolver/manifest/manifest.h"
#include "resolver/merge/merge.h"

namespace artifact = pullproof::resolver::artifact;
namespace lock = pullproof::resolver::lock;
namespace manifest = pullproof::resolver::manifest;
namespace merge = pullproof::resolver::merge;

namespace {

constexpr std::string_view kName = "spin.toml";

void CheckGrants(const merge::MergeOutcome& outcome, const manifest::Component& own) {
  const auto granted_by_importer = [](const std::vector<manifest::Text>& texts) {
    std::set<std::string> granted;
    for (const manifest::Text& text : texts) granted.insert(text.value);
    return granted;
  };
  const auto check = [&](std::string_view kind, const std::vector<manifest::Text>& texts) {
    const auto granted = granted_by_importer(texts);
    for (const std::string& value : outcome.component.MetadataStrings(kind)) {
      PULLPROOF_CONTRACT(granted.contains(value));
    }
  };
  check("allowed_outbound_hosts", own.allowed_outbound_hosts);
  check("key_value_stores", own.key_value_stores);
  check("databases", own.sqlite_databases);
  check("ai_models", own.ai_models);
}

void CheckData(const merge::MergeOutcome& outcome, const manifest::Component& own) {
  std::set<std::string> stated;
  for (const manifest::Setting& variable : own.variables) stated.insert(variable.name);
  for (const auto& [name, value] : outcome.component.config) {
    PULLPROOF_CONTRACT(stated.contains(name) || value.find("{{") == std::string::npos);
  }
  const std::string* before = nullptr;
  for (const merge::MergedFile& file : outcome.files) {
    PULLPROOF_CONTRACT(before == nullptr || *before < file.path);
    PULLPROOF_CONTRACT(!file.path.empty() && file.path.front() != '/');
    PULLPROOF_CONTRACT(("/" + file.path + "/").find("/../") == std::string::npos);
    before = &file.path;
  }
}

// An artifact with an archive layer, in which any content may be.
const pullproof::oci::Manifest& Artifact() {
  static const auto parsed = pullproof::oci::ParseManifest(
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
          "config":{"mediaType":"application/vnd.oci.empty.v1+json","size":2,"digest":
"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},
          "layers":[{"mediaType":"application/vnd.wasm.content.bundle.v1.tar+gzip","size":2,"digest":
"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}]})",
      "", "artifact");
  return std::get<pullproof::oci::Manifest>(*parsed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [package_text, importer_text] =
      pullproof::fuzz::SplitAtTildes(pullproof::fuzz::AsText(data, size));
  const auto document = pullproof::ParseToml(importer_text, kName);
  if (!document) return 0;
  pullproof::Diagnostics problems{std::string(kName)};
  const manifest::Manifest importing = manifest::ReadManifest(*document, problems);
  if (problems.HasErrors() || importing.components.empty()) return 0;
  const manifest::Component& own = importing.components.front();
  const auto* source = std::get_if<manifest::ComponentSource>(&own.source.form);
  if (source == nullptr) return 0;

  const auto app = lock::ReadLock(package_text, "package");
  if (!app || !artifact::CheckContents(*app, Artifact(), "package")) return 0;
  const auto package = artifact::SelectComponent(*app, source->id, "package");
  if (!package) return 0;

  const std::vector<merge::OwnFile> no_files;
  const merge::Importer importer{.component = &own,
                                 .files = &no_files,
                                 .trigger_types = manifest::TriggerTypesOf(importing, own.id),
                                 .variables = &importing.variables};
  const merge::Options options{.manifest_name = std::string(kName),
                               .manifest_digest = pullproof::oci::Digest::Of("manifest"),
                               .pinned = false};
  const auto outcome = merge::Merge(*package, importer, options);
  const auto again = merge::Merge(*package, importer, options);
  PULLPROOF_CONTRACT(outcome.has_value() == again.has_value());
  if (!outcome) {
    PULLPROOF_CONTRACT(outcome.error() == again.error());
    return 0;
  }
  PULLPROOF_CONTRACT(outcome->unstated == again->unstated);
  PULLPROOF_CONTRACT(outcome->component.id == own.id);
  CheckGrants(*outcome, own);
  CheckData(*outcome, own);
  return 0;
}

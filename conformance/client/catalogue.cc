#include "conformance/client/catalogue.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/file.h"
#include "base/table_reader.h"
#include "base/text.h"
#include "conformance/client/adapter_client.h"
#include "conformance/client/mutant.h"
#include "conformance/client/resolve_mutant.h"

namespace pullproof::conformance::client {
namespace {

constexpr std::string_view kBuiltin = "builtin";
constexpr std::string_view kMutantPrefix = "mutant:";
constexpr std::string_view kAdapterPrefix = "adapter:";
constexpr std::string_view kSuffix = ".toml";
constexpr std::uint64_t kMaxProfile = std::uint64_t{1} << 20;  // people write them by hand

std::string_view StemOf(std::string_view file) {
  file.remove_suffix(kSuffix.size());
  return file;
}

Result<std::unique_ptr<Client>> OpenMutant(const std::string& name, Wire wire) {
  const std::span<const ResolveMutant> resolvers = ResolveMutants();
  return std::ranges::find(resolvers, name, &ResolveMutant::name) != resolvers.end()
             ? MakeResolveMutantClient(name, wire)
             : MakeMutantClient(name, wire);
}

Result<std::unique_ptr<Client>> OpenProfile(const std::string& path) {
  SystemFileSystem files;
  PULLPROOF_ASSIGN_OR_RETURN(const std::string text, files.Read(path, kMaxProfile));
  PULLPROOF_ASSIGN_OR_RETURN(const Node document, ParseDocument(text, path));
  if (document.Find("adapter") == nullptr) return LoadCommandClient(text, path);
  return LoadAdapter(document, path, std::filesystem::path(path).parent_path());
}

}  // namespace

std::vector<std::string> ClientNames() {
  std::vector<std::string> names = {std::string(kBuiltin)};
  for (const EmbeddedFile& file : ShippedProfiles()) names.emplace_back(StemOf(file.name));
  for (const Mutant& mutant : Mutants()) {
    names.push_back(fmt::format("{}{}", kMutantPrefix, mutant.name));
  }
  for (const ResolveMutant& mutant : ResolveMutants()) {
    names.push_back(fmt::format("{}{}", kMutantPrefix, mutant.name));
  }
  return names;
}

Result<std::unique_ptr<Client>> OpenClient(const std::string& name, Wire wire) {
  if (name == kBuiltin) return MakeBuiltinClient(wire);
  if (name.starts_with(kMutantPrefix)) return OpenMutant(name.substr(kMutantPrefix.size()), wire);
  if (name.starts_with(kAdapterPrefix)) {
    return StartAdapter(
        {.argv = {name.substr(kAdapterPrefix.size())}, .directory = {}, .install = {}});
  }
  if (name.contains('/') || name.ends_with(kSuffix)) return OpenProfile(name);
  for (const EmbeddedFile& file : ShippedProfiles()) {
    if (StemOf(file.name) == name) return LoadCommandClient(file.text, std::string(file.name));
  }
  const std::vector<std::string> names = ClientNames();
  return Fail("client.unknown", fmt::format("there is no client `{}`", name), {},
              SuggestFrom(name, std::vector<std::string_view>(names.begin(), names.end())));
}

}  // namespace pullproof::conformance::client

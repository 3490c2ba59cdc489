#include "resolver/credentials/store.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "resolver/credentials/docker_config.h"
#include "resolver/credentials/file_source.h"

namespace pullproof::resolver::credentials {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;  // members keep their order

// What the file holds, all of it; an object when there is no file. It was checked before
// (ReadDockerConfig), so that nothing nests deep enough to hurt.
Result<Json> ReadWhole(FileSystem& files, const fs::path& path) {
  const auto text = files.Read(path, kMaxConfigBytes);
  if (!text && text.error().id != "file.not-found") return std::unexpected(text.error());
  if (!text || text->find_first_not_of(" \t\r\n") == std::string::npos) return Json::object();
  Json json = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return Fail("credentials.syntax", "the file is no JSON object", path.string());
  }
  return json;
}

// A link (people keep such files elsewhere) is followed, so that it is the file that is replaced.
fs::path Target(FileSystem& files, const fs::path& path) {
  auto canonical = files.Canonical(path);
  return canonical ? *std::move(canonical) : path;
}

Result<void> WriteWhole(FileSystem& files, const fs::path& path, const Json& json) {
  PULLPROOF_RETURN_IF_ERROR(files.CreateDirectories(path.parent_path()));
  PULLPROOF_ASSIGN_OR_RETURN(const auto file, files.CreatePrivate(Target(files, path)));
  PULLPROOF_RETURN_IF_ERROR(
      file->Append(json.dump(1, '\t', false, Json::error_handler_t::replace) + "\n"));
  return file->Commit();
}

Json EntryOf(const Credential& credential) {
  Json entry = Json::object();
  if (!credential.identity_token.empty()) {
    entry["auth"] = Base64Encode(credential.user + ":");
    entry["identitytoken"] = credential.identity_token;
    return entry;
  }
  entry["auth"] = Base64Encode(fmt::format("{}:{}", credential.user, credential.password));
  return entry;
}

// The keys under which the file has something for the registry as a whole.
std::vector<std::string> KeysFor(const Json& auths, std::string_view registry) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : auths.items()) {
    DockerConfig one;
    one.auths[key] = {.user = "any", .password = {}};
    if (one.Find(registry, "")) keys.push_back(key);
  }
  return keys;
}

}  // namespace

Result<Kept> SaveLogin(FileSystem& files, HelperRunner& helpers, const fs::path& path,
                       std::string_view registry, const Credential& credential) {
  PULLPROOF_ASSIGN_OR_RETURN(const DockerConfig config, ReadDockerConfig(files, path));
  const std::string server = ServerAddress(registry);
  if (const std::string helper = config.HelperFor(registry); !helper.empty()) {
    PULLPROOF_RETURN_IF_ERROR(HelperStore(helpers, helper, server, credential));
    return Kept{.where = fmt::format("the credential helper `{}`", helper), .in_clear = false};
  }
  PULLPROOF_ASSIGN_OR_RETURN(Json json, ReadWhole(files, path));
  Json& auths = json["auths"];
  if (!auths.is_object()) auths = Json::object();
  for (const std::string& key : KeysFor(auths, registry)) {
    if (key != server) auths.erase(key);
  }
  auths[server] = EntryOf(credential);
  PULLPROOF_RETURN_IF_ERROR(WriteWhole(files, path, json));
  return Kept{.where = path.string(), .in_clear = true};
}

Result<bool> EraseLogin(FileSystem& files, HelperRunner& helpers, const fs::path& path,
                        std::string_view registry) {
  PULLPROOF_ASSIGN_OR_RETURN(const DockerConfig config, ReadDockerConfig(files, path));
  const std::string server = ServerAddress(registry);
  bool erased = false;
  if (const std::string helper = config.HelperFor(registry); !helper.empty()) {
    PULLPROOF_ASSIGN_OR_RETURN(const auto kept, HelperGet(helpers, helper, server));
    if (kept) PULLPROOF_RETURN_IF_ERROR(HelperErase(helpers, helper, server));
    erased = kept.has_value();
  }
  PULLPROOF_ASSIGN_OR_RETURN(Json json, ReadWhole(files, path));
  if (!json.contains("auths") || !json["auths"].is_object()) return erased;
  const auto keys = KeysFor(json["auths"], registry);
  if (keys.empty()) return erased;
  for (const std::string& key : keys) json["auths"].erase(key);
  PULLPROOF_RETURN_IF_ERROR(WriteWhole(files, path, json));
  return true;
}

}  // namespace pullproof::resolver::credentials

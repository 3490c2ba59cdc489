#include "capi/pullproof.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "base/table_reader.h"
#include "mockregistry/journal/journal.h"
#include "mockregistry/registry.h"
#include "mockregistry/scenario.h"

using pullproof::Diagnostics;
using pullproof::Error;
using pullproof::Result;
using pullproof::mockregistry::Registry;
using pullproof::mockregistry::Scenario;

struct pullproof_registry {
  std::unique_ptr<Registry> registry;
};

namespace {

// Null without memory.
char* CopyOf(std::string_view text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy == nullptr) return nullptr;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  return copy;
}

// Runs what may throw: nothing must leave through C's frames, which cannot unwind.
template <typename T, typename Call>
T Guarded(T failed, char** error, Call call) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    return call();
  } catch (const std::exception& exception) {
    if (error != nullptr) *error = CopyOf(exception.what());
  } catch (...) {
    if (error != nullptr) *error = CopyOf("unknown exception");
  }
  return failed;
}

void Tell(char** error, std::string_view text) {
  if (error != nullptr) *error = CopyOf(text);
}

struct Settings {
  std::string name = "fixture.toml";
  std::string directory = ".";
  std::uint16_t port = 0;
};

// Members that an older caller did not know of keep their defaults.
Settings SettingsOf(const pullproof_options* options) {
  Settings settings;
  if (options == nullptr) return settings;
  const auto has = [&](const auto& member) {
    const auto* const begin = reinterpret_cast<const char*>(options);
    const auto* const end = reinterpret_cast<const char*>(&member) + sizeof(member);
    return static_cast<std::size_t>(end - begin) <= options->size;
  };
  if (has(options->port)) settings.port = options->port;
  if (has(options->name) && options->name != nullptr) settings.name = options->name;
  if (has(options->directory) && options->directory != nullptr) {
    settings.directory = options->directory;
  }
  return settings;
}

std::shared_ptr<const Scenario> Load(std::string_view text, const Settings& settings,
                                     char** error) {
  Diagnostics problems(settings.name);
  auto scenario =
      pullproof::mockregistry::LoadScenario(text, settings.name, settings.directory, problems);
  if (scenario != nullptr) return scenario;
  std::string lines;
  for (const pullproof::Diagnostic& problem : problems.all()) {
    if (!lines.empty()) lines += '\n';
    lines += pullproof::FormatDiagnostic(problems, problem);
  }
  Tell(error, lines);
  return nullptr;
}

pullproof_registry* Start(const std::shared_ptr<const Scenario>& scenario, std::uint16_t port,
                          char** error) {
  if (scenario == nullptr) return nullptr;
  pullproof::mockregistry::Options options;
  options.port = port;
  auto registry = Registry::Start(scenario, options);
  if (!registry) {
    Tell(error, Describe(registry.error()));
    return nullptr;
  }
  return new pullproof_registry{*std::move(registry)};
}

}  // namespace

const char* pullproof_version(void) { return PULLPROOF_VERSION; }

pullproof_registry* pullproof_start(const char* fixture, const pullproof_options* options,
                                    char** error) {
  return Guarded<pullproof_registry*>(nullptr, error, [&]() -> pullproof_registry* {
    const Settings settings = SettingsOf(options);
    if (fixture == nullptr) {
      return Start(pullproof::mockregistry::EmptyScenario(), settings.port, error);
    }
    return Start(Load(fixture, settings, error), settings.port, error);
  });
}

pullproof_registry* pullproof_start_file(const char* path, const pullproof_options* options,
                                         char** error) {
  return Guarded<pullproof_registry*>(nullptr, error, [&]() -> pullproof_registry* {
    Settings settings = SettingsOf(options);
    settings.name = path != nullptr ? path : "";
    settings.directory = std::filesystem::path(settings.name).parent_path().string();
    pullproof::SystemFileSystem files;
    const Result<std::string> text =
        files.Read(settings.name, pullproof::DocumentLimits{}.max_bytes);
    if (!text) {
      Tell(error, Describe(text.error()));
      return nullptr;
    }
    return Start(Load(*text, settings, error), settings.port, error);
  });
}

void pullproof_stop(pullproof_registry* registry) { delete registry; }

char* pullproof_authority(pullproof_registry* registry, const char* host) {
  return Guarded<char*>(nullptr, nullptr, [&]() -> char* {
    if (registry == nullptr) return nullptr;
    const std::string authority =
        registry->registry->Authority(host != nullptr ? host : "registry");
    return authority.empty() ? nullptr : CopyOf(authority);
  });
}

char* pullproof_journal(pullproof_registry* registry) {
  return Guarded<char*>(nullptr, nullptr, [&]() -> char* {
    if (registry == nullptr) return nullptr;
    std::string lines;
    for (const auto& entry : registry->registry->journal().Snapshot()) {
      lines += ToJson(entry);
      lines += '\n';
    }
    return CopyOf(lines);
  });
}

int pullproof_wait(pullproof_registry* registry, size_t count, uint32_t timeout_ms) {
  return Guarded<int>(0, nullptr, [&] {
    if (registry == nullptr) return 0;
    const bool over = registry->registry->journal().Wait(
        count,
        [](const pullproof::mockregistry::journal::Entry& entry) { return !entry.ending.empty(); },
        std::chrono::milliseconds(timeout_ms));
    return over ? 1 : 0;
  });
}

int pullproof_enable_rule(pullproof_registry* registry, const char* id, int enabled) {
  return Guarded<int>(0, nullptr, [&] {
    if (registry == nullptr || id == nullptr) return 0;
    return registry->registry->EnableRule(id, enabled != 0) ? 1 : 0;
  });
}

void pullproof_reset(pullproof_registry* registry) {
  Guarded<int>(0, nullptr, [&] {
    if (registry != nullptr) registry->registry->Reset();
    return 0;
  });
}

void pullproof_free(char* text) { std::free(text); }

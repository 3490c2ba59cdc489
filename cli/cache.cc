// pullproof cache: what the resolver keeps, whether it is whole, and away with what is old.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/document.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/surroundings.h"
#include "resolver/cache/inventory.h"

namespace pullproof::cli {
namespace {

namespace cache = resolver::cache;

struct Options {
  std::string directory;
  bool json = false;
  bool remove = false;
  std::optional<unsigned> max_age_days;
  std::string max_size;
  bool dry_run = false;

  [[nodiscard]] std::filesystem::path Root() const { return CacheDirectory(directory); }
};

int Failed(const Error& error) {
  PrintError(error);
  return kFailed;
}

std::string ShelfOf(const cache::Entry& entry) {
  return entry.path.parent_path().filename().string();
}

void Print(const std::vector<cache::Entry>& entries, bool json) {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  for (const cache::Entry& entry : entries) {
    if (json) {
      fmt::print("{{\"shelf\":{},\"digest\":{},\"size\":{},\"written\":{},\"path\":{}}}\n",
                 CanonicalJsonString(ShelfOf(entry)), CanonicalJsonString(entry.digest.ToString()),
                 entry.size, entry.written / kNanoseconds,
                 CanonicalJsonString(entry.path.string()));
    } else {
      fmt::print("{:<9}  {:>12}  {}\n", ShelfOf(entry), entry.size, entry.digest.ToString());
    }
  }
}

int List(const Options& options) {
  SystemFileSystem files;
  const auto entries = cache::ListEntries(files, options.Root());
  if (!entries) return Failed(entries.error());
  Print(*entries, options.json);
  return kAsExpected;
}

int Verify(const Options& options) {
  SystemFileSystem files;
  const auto damaged = cache::FindDamaged(files, options.Root(), options.remove);
  if (!damaged) return Failed(damaged.error());
  Print(*damaged, options.json);
  if (damaged->empty()) return kAsExpected;
  fmt::print(stderr, "pullproof: {} damaged {}{}\n", damaged->size(),
             damaged->size() == 1 ? "entry" : "entries",
             options.remove ? ", removed" : "; --remove takes them away");
  return options.remove ? kAsExpected : kFailed;
}

int Collect(const Options& options) {
  cache::GcOptions gc{.max_age = {}, .max_bytes = {}, .dry_run = options.dry_run};
  if (options.max_age_days) gc.max_age = std::chrono::hours(24) * *options.max_age_days;
  if (!options.max_size.empty()) {
    const auto size = ParseSize(options.max_size);
    if (!size) {
      PrintError(size.error());
      return kMisuse;
    }
    gc.max_bytes = *size;
  }
  SystemFileSystem files;
  const SystemClock clock;
  const auto report = cache::CollectGarbage(files, clock, options.Root(), gc);
  if (!report) return Failed(report.error());
  Print(report->removed, options.json);
  std::uint64_t freed = 0;
  for (const cache::Entry& entry : report->removed) freed += entry.size;
  fmt::print(stderr,
             "pullproof: {} {} entries of {} bytes and {} unfinished files, {} bytes are left\n",
             options.dry_run ? "would remove" : "removed", report->removed.size(), freed,
             report->unfinished, report->kept_bytes);
  return kAsExpected;
}

}  // namespace

void AddCache(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "cache", "Look at the resolver's cache: list it, hash all of it, or take old content away.");
  command->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, int (*run)(const Options&)) {
    CLI::App* verb = command->add_subcommand(name, what);
    verb->add_option("--cache-dir", options->directory, "The cache (default: the user's)");
    verb->add_flag("--json", options->json, "One JSON object a line for each entry");
    verb->callback([&action, options, run] { action = [options, run] { return run(*options); }; });
    return verb;
  };
  add("ls", "List entries: shelf, size in bytes, digest", List);
  add("verify", "Hash every entry; exit status 1 if one is not what its name says", Verify)
      ->add_flag("--remove", options->remove, "Take damaged entries away");
  CLI::App* gc =
      add("gc",
          "Remove what killed runs had begun, entries that are too old, then the oldest\n"
          "until the rest is small enough. Does nothing while a run uses the cache.",
          Collect);
  gc->add_option("--max-age", options->max_age_days, "Entries written more than DAYS ago go")
      ->type_name("DAYS")
      ->check(CLI::Range(0U, 36500U));
  gc->add_option("--max-size", options->max_size, "What may be left: 500MiB, 10GiB")
      ->type_name("SIZE");
  gc->add_flag("--dry-run", options->dry_run, "Only say what would go");
}

}  // namespace pullproof::cli

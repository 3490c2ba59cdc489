// A client driven through its command line.
// Format of the profile: docs/clients.md.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/file.h"
#include "base/table_reader.h"
#include "base/text.h"
#include "conformance/client/client.h"
#include "conformance/client/home.h"
#include "conformance/client/process.h"
#include "conformance/client/profile.h"
#include "conformance/client/transcript.h"

namespace pullproof::conformance::client {
namespace {

// What adapters answer (docs/clients.md "Exit status"); the usual ones of shells for a program that
// is not there and one that cannot be run.
constexpr int kUnsupportedStatus = 127;
constexpr int kBrokenStatus = 126;

// Printing a version touches no network; even a cold start from a slow disk takes less.
constexpr Duration kVersionBudget = std::chrono::seconds(10);

void AppendBounded(std::string& text, std::string_view more) {
  text += more.substr(0, kMaxKeptOutput - std::min(text.size(), kMaxKeptOutput));
}

class CommandClient final : public Client {
 public:
  explicit CommandClient(Profile profile)
      : profile_(std::move(profile)), version_(FindVersion(profile_)) {}

  [[nodiscard]] std::string name() const override { return profile_.name; }
  [[nodiscard]] std::string version() const override { return version_; }

  [[nodiscard]] bool Supports(Verb verb, const std::vector<std::string>& needs) const override {
    return profile_.Find(verb) != nullptr &&
           std::ranges::all_of(needs, [this](const std::string& need) { return Has(need); });
  }

  Attempt Run(const Task& task, mockregistry::Registry& registry) override {
    const VerbProfile* verb = profile_.Find(task.verb);
    if (verb == nullptr) return Unsupported(fmt::format("it cannot {}", VerbName(task.verb)));
    if (std::string reason = WhyNot(task, *verb); !reason.empty()) return Unsupported(reason);
    if (!Takes(registry.scenario().content)) {
      return Unsupported("it takes artifacts of other types only: " +
                         profile_.config_types.front());
    }
    const PlaceholderValues values = ValuesOf(task);
    if (const auto found = FindProgram(profile_.program, BaseEnvironment(task.home).front().second);
        !found) {
      return BrokenBy({}, found.error());
    }
    if (Result<void> ready = Prepare(task, values); !ready) return BrokenBy({}, ready.error());
    Attempt attempt = RunCommands(task, *verb, values);
    for (const Template& glob : profile_.scratch) RemoveScratch(glob.Expand(values));
    return attempt;
  }

 private:
  // In a home of its own, so that it reads nobody's configuration.
  static std::string FindVersion(const Profile& profile) {
    if (!profile.version_command) return {};
    const Result<TemporaryDirectory> home = TemporaryDirectory::Create("pullproof-version-");
    if (!home || !PrepareHome(home->path())) return {};
    Task nothing;
    nothing.home = home->path();
    ProcessSpec spec;
    spec.argv = profile.version_command->Expand(ValuesOf(nothing));
    spec.environment = BaseEnvironment(home->path());
    spec.directory = home->path();
    spec.budget = kVersionBudget;
    const Result<ProcessResult> result = RunProcess(spec);
    if (!result) return {};
    const std::string version = VersionIn(result->out.kept, profile.version_after);
    return version.empty() ? VersionIn(result->err.kept, profile.version_after) : version;
  }

  [[nodiscard]] bool Has(std::string_view capability) const {
    return std::ranges::find(profile_.capabilities, capability) != profile_.capabilities.end();
  }

  // Whether the case has anything of a type that the client takes.
  [[nodiscard]] bool Takes(const mockregistry::content::Content& content) const {
    return profile_.config_types.empty() || content.manifests.empty() ||
           std::ranges::any_of(content.manifests, [this](const auto& manifest) {
             return std::ranges::any_of(profile_.config_types, [&](const std::string& type) {
               return manifest.bytes.contains(fmt::format("\"mediaType\":\"{}\"", type));
             });
           });
  }

  // What the task asks for and the profile has no words for; empty when it has.
  [[nodiscard]] std::string WhyNot(const Task& task, const VerbProfile& verb) const {
    const auto mentions = [&](std::string_view placeholder) {
      return std::ranges::any_of(verb.commands, [&](const CommandTemplate& command) {
        return command.Mentions(placeholder);
      });
    };
    if (!task.platform.empty() && !mentions("platform") && !mentions("arch")) {
      return "it cannot be asked for a platform";
    }
    if (task.login && profile_.login_file == Profile::LoginFile::kNone) {
      return "it cannot be given credentials";
    }
    if (task.recursive && !Has("referrers.recursive"))
      return "it cannot list referrers of referrers";
    if (!task.ca_file.empty() && !Has(kTlsCapability)) return "it cannot be told whom to trust";
    // It would ask the real bearers of the case's names.
    if (!task.proxy.empty() && !Has(kProxyCapability)) return "it knows no proxy";
    return {};
  }

  Result<void> Prepare(const Task& task, const PlaceholderValues& values) const {
    PULLPROOF_RETURN_IF_ERROR(PrepareHome(task.home));
    if (profile_.login_file == Profile::LoginFile::kDockerConfig) {
      PULLPROOF_RETURN_IF_ERROR(WriteLogin(task.home, values.at("registry"), task.login));
    }
    for (const auto& [path, text] : profile_.files) {
      PULLPROOF_RETURN_IF_ERROR(WritePrivateFile(path.Expand(values), text.Expand(values)));
    }
    return {};
  }

  [[nodiscard]] Environment EnvironmentFor(const Task& task,
                                           const PlaceholderValues& values) const {
    Environment environment = BaseEnvironment(task.home);
    const Environment network = NetworkEnvironment(task);
    environment.insert(environment.end(), network.begin(), network.end());
    for (const auto& [name, text] : profile_.environment) {
      std::erase_if(environment, [&](const auto& variable) { return variable.first == name; });
      environment.emplace_back(name, text.Expand(values));
    }
    return environment;
  }

  Attempt RunCommands(const Task& task, const VerbProfile& verb,
                      const PlaceholderValues& values) const {
    ProcessSpec spec;
    spec.environment = EnvironmentFor(task, values);
    spec.directory = task.home;
    if (verb.input) spec.input = verb.input->Expand(values);
    spec.max_memory = task.max_memory;
    spec.max_output = kMaxKeptOutput;
    Attempt attempt;
    for (const CommandTemplate& command : verb.commands) {
      spec.argv = command.Expand(values);
      spec.budget = task.budget - attempt.took;
      if (!attempt.command.empty()) attempt.command.emplace_back("&&");
      attempt.command.insert(attempt.command.end(), spec.argv.begin(), spec.argv.end());
      const Result<ProcessResult> result = RunProcess(spec);
      if (!result) return BrokenBy(std::move(attempt), result.error());
      Record(*result, attempt);
      attempt.outcome = OutcomeOf(*result, verb);
      if (attempt.outcome != Outcome::kOk) break;
    }
    if (attempt.outcome == Outcome::kFailed) {
      attempt.error_class = ClassifyError(profile_.errors, attempt.exit_status, attempt.err);
    }
    if (attempt.outcome == Outcome::kOk && task.verb == Verb::kListTags) {
      return WithTags(std::move(attempt), verb.tags);
    }
    return attempt;
  }

  // Files alone, and no link is followed: what cannot be removed is seen, and judged.
  static void RemoveScratch(std::string_view glob) {
    namespace fs = std::filesystem;
    const fs::path root = fs::path(glob.substr(0, glob.find('*'))).parent_path();
    std::error_code failed;
    std::vector<fs::path> unfinished;
    for (fs::recursive_directory_iterator i(root, failed), end; !failed && i != end;
         i.increment(failed)) {
      if (i->is_regular_file(failed) && GlobMatch(glob, i->path().string())) {
        unfinished.push_back(i->path());
      }
    }
    for (const fs::path& path : unfinished) fs::remove(path, failed);
  }

  static void Record(const ProcessResult& result, Attempt& attempt) {
    attempt.exit_status = result.status;
    attempt.took += result.took;
    attempt.peak_memory = std::max(attempt.peak_memory, result.peak_memory);
    AppendBounded(attempt.out, result.out.kept);
    AppendBounded(attempt.err, result.err.kept);
  }

  [[nodiscard]] Outcome OutcomeOf(const ProcessResult& result, const VerbProfile& verb) const {
    if (result.end == ProcessResult::End::kOverBudget) return Outcome::kHung;
    if (result.end == ProcessResult::End::kSignalled) return Outcome::kCrashed;
    if (result.status == kUnsupportedStatus) return Outcome::kUnsupported;
    if (result.status == kBrokenStatus) return Outcome::kBroken;
    if (result.status != 0) {
      return AnyLineMatches(result.err.kept, profile_.crash_patterns) ? Outcome::kCrashed
                                                                      : Outcome::kFailed;
    }
    if (verb.success.empty()) return Outcome::kOk;
    const std::vector<std::string> success = {verb.success};
    return AnyLineMatches(result.out.kept, success) || AnyLineMatches(result.err.kept, success)
               ? Outcome::kOk
               : Outcome::kFailed;
  }

  [[nodiscard]] Attempt WithTags(Attempt attempt, const TagFormat& format) const {
    if (attempt.out.size() >= kMaxKeptOutput) {
      return BrokenBy(std::move(attempt),
                      {"client.tags", "the listing is too long to be kept", {}, {}});
    }
    Result<std::vector<std::string>> tags = ReadTags(attempt.out, format);
    if (!tags) return BrokenBy(std::move(attempt), tags.error());
    attempt.tags = *std::move(tags);
    return attempt;
  }

  // The adapter, not the client, is at fault.
  [[nodiscard]] Attempt BrokenBy(Attempt attempt, const Error& error) const {
    attempt.outcome = Outcome::kBroken;
    attempt.err += Describe(error);
    if (error.id == "process.not-found") attempt.err += "\n" + profile_.install;
    return attempt;
  }

  static Attempt Unsupported(std::string reason) {
    Attempt attempt;
    attempt.outcome = Outcome::kUnsupported;
    attempt.err = std::move(reason);
    return attempt;
  }

  Profile profile_;
  std::string version_;
};

}  // namespace

Result<std::unique_ptr<Client>> LoadCommandClient(std::string_view text, const std::string& name) {
  PULLPROOF_ASSIGN_OR_RETURN(const Node document, ParseDocument(text, name));
  Diagnostics problems(name);
  std::optional<Profile> profile = ReadProfile(document, problems);
  if (!profile) return std::unexpected(problems.FirstError());
  return std::make_unique<CommandClient>(*std::move(profile));
}

}  // namespace pullproof::conformance::client

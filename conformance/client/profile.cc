#include "conformance/client/profile.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "conformance/client/error_class.h"

namespace pullproof::conformance::client {
namespace {

constexpr std::array kVerbs = {Verb::kPull,      Verb::kPush,    Verb::kCopy,   Verb::kListTags,
                               Verb::kReferrers, Verb::kResolve, Verb::kDelete, Verb::kMount,
                               Verb::kLogin,     Verb::kUnpack};

class Reader {
 public:
  Reader(const Node& document, Diagnostics& problems)
      : reader_(document, "the profile", problems), problems_(problems) {}

  Profile Read() {
    if (reader_.Required("client") != nullptr) reader_.Integer("client", 1, 1, 1);
    profile_.name = reader_.RequiredString("name");
    profile_.title = reader_.RequiredString("title");
    profile_.homepage = reader_.String("homepage");
    profile_.program = reader_.RequiredString("requires");
    profile_.install = reader_.RequiredString("install");
    profile_.tried = reader_.RequiredString("tried");
    profile_.capabilities = reader_.Strings("capabilities");
    profile_.config_types = reader_.Strings("config_types");
    ReadScratch();
    profile_.login_file =
        reader_.Enum<Profile::LoginFile>("login", kLoginFiles, Profile::LoginFile::kDockerConfig);
    profile_.crash_patterns = reader_.Strings("crash");
    ReadVersion();
    ReadEnvironment();
    ReadFiles();
    ReadErrors();
    ReadVerbs();
    reader_.Finish();
    return std::move(profile_);
  }

 private:
  static constexpr std::array<std::pair<std::string_view, Profile::LoginFile>, 2> kLoginFiles = {
      {{"docker-config", Profile::LoginFile::kDockerConfig}, {"none", Profile::LoginFile::kNone}}};

  void ReadVersion() {
    const Node* node = reader_.Get("version");
    if (node == nullptr) return;
    TableReader version(*node, "`version`", problems_);
    if (const Node* command = version.Required("command")) {
      profile_.version_command =
          CommandTemplate::Read(*command, "`command` of `version`", problems_);
    }
    profile_.version_after = version.String("after");
    version.Finish();
  }

  void ReadEnvironment() {
    for (const Node::Member& member : reader_.Table("environment")) {
      const std::string what = fmt::format("`{}` of `environment`", member.name);
      if (std::optional<Template> text = ReadTemplate(member.value, what, Secrets::kForbidden)) {
        profile_.environment.emplace_back(member.name, *std::move(text));
      }
    }
  }

  void ReadScratch() {
    for (const Node& item : reader_.Array("scratch")) {
      std::optional<Template> path = ReadTemplate(item, "`scratch`", Secrets::kForbidden);
      if (!path) continue;
      const std::string& text = *item.string();
      if ((!text.starts_with("{home}/") && !text.starts_with("{output}/")) || text.contains("..")) {
        problems_.Report("client.path", item.at(),
                         "what a client leaves unfinished lies in its home or in its output",
                         "begin the path with `{home}/` or `{output}/`");
        continue;
      }
      profile_.scratch.push_back(*std::move(path));
    }
  }

  void ReadFiles() {
    for (const Node& item : reader_.Array("files")) {
      TableReader file(item, "a file of the profile", problems_);
      const Node* path = file.Required("path");
      const Node* text = file.Required("text");
      file.Finish();
      if (path == nullptr || text == nullptr) continue;
      std::optional<Template> path_template =
          ReadTemplate(*path, "the path of a file", Secrets::kForbidden);
      std::optional<Template> text_template =
          ReadTemplate(*text, "the text of a file", Secrets::kAllowed);
      if (!path_template || !text_template) continue;
      if (!path->string()->starts_with("{home}/") || path->string()->contains("..")) {
        problems_.Report("client.path", path->at(),
                         "a file of a profile must lie in the client's own home",
                         "begin its path with `{home}/`");
        continue;
      }
      profile_.files.emplace_back(*std::move(path_template), *std::move(text_template));
    }
  }

  void ReadErrors() {
    for (const Node& item : reader_.Array("errors")) {
      TableReader error(item, "an entry of `errors`", problems_);
      ErrorRule rule;
      rule.error_class = error.RequiredString("class");
      rule.patterns = error.OneOrManyStrings("stderr");
      for (const Node& status : error.Array("status")) rule.statuses.push_back(Status(status));
      error.Finish();
      if (std::ranges::find(kErrorClasses, rule.error_class) == kErrorClasses.end()) {
        problems_.Report("model.unknown-value", error.PositionOf("class"),
                         fmt::format("there is no error class `{}`", rule.error_class),
                         SuggestFrom(rule.error_class, kErrorClasses));
      }
      if (rule.patterns.empty() && rule.statuses.empty()) {
        problems_.Report("client.error-rule", item.at(),
                         "an entry of `errors` needs `status`, `stderr` or both");
      }
      profile_.errors.push_back(std::move(rule));
    }
  }

  int Status(const Node& node) {
    const std::int64_t* value = node.integer();
    if (value != nullptr && *value >= 1 && *value <= 255) return static_cast<int>(*value);
    problems_.Report("model.range", node.at(), "an exit status that means an error is 1 to 255");
    return 1;
  }

  void ReadVerbs() {
    if (reader_.Required("verbs") == nullptr) return;
    for (const Node::Member& member : reader_.Table("verbs")) {
      const auto verb = std::ranges::find(kVerbs, member.name, VerbName);
      if (verb == kVerbs.end()) {
        std::vector<std::string_view> names;
        for (const Verb known : kVerbs) names.push_back(VerbName(known));
        problems_.Report("model.unknown-member", member.at,
                         fmt::format("there is no verb `{}`", member.name),
                         SuggestFrom(member.name, names));
        continue;
      }
      profile_.verbs.emplace_back(*verb, ReadVerb(member.value, *verb));
    }
    if (profile_.verbs.empty()) {
      problems_.Report("client.no-verbs", reader_.PositionOf("verbs"),
                       "a client that can do nothing cannot be tested");
    }
  }

  VerbProfile ReadVerb(const Node& node, Verb verb) {
    const std::string what = fmt::format("[verbs.{}]", VerbName(verb));
    TableReader reader(node, what, problems_);
    VerbProfile profile;
    reader.Required("commands");
    const std::span<const Node> commands = reader.Array("commands");
    for (const Node& item : commands) {
      if (std::optional<CommandTemplate> command =
              CommandTemplate::Read(item, fmt::format("a command of {}", what), problems_)) {
        profile.commands.push_back(*std::move(command));
      }
    }
    if (reader.Has("commands") && commands.empty()) {
      problems_.Report("client.command", reader.PositionOf("commands"),
                       fmt::format("{} needs at least one command", what));
    }
    if (const Node* input = reader.Get("stdin")) {
      profile.input = ReadTemplate(*input, "`stdin` of " + what, Secrets::kAllowed);
    }
    profile.success = reader.String("success");
    if (verb == Verb::kListTags) profile.tags = ReadTagFormat(reader);
    reader.Finish();
    return profile;
  }

  // tags = "lines" or { json = "/Tags" }
  TagFormat ReadTagFormat(TableReader& verb) {
    const Node* node = verb.Required("tags");
    if (node == nullptr) return {};
    if (node->string() != nullptr && *node->string() == "lines") return {};
    if (node->table() == nullptr) {
      verb.ReportKind(*node, "tags", "\"lines\" or { json = POINTER }");
      return {};
    }
    TableReader reader(*node, "`tags`", problems_);
    TagFormat format{.is_json = true, .pointer = reader.RequiredString("json")};
    reader.Finish();
    if (!format.pointer.empty() && !format.pointer.starts_with('/')) {
      problems_.Report("client.pointer", reader.PositionOf("json"),
                       "a JSON pointer is empty or begins with a slash",
                       fmt::format("\"/{}\"", format.pointer));
    }
    return format;
  }

  std::optional<Template> ReadTemplate(const Node& node, std::string_view what, Secrets secrets) {
    if (const std::string* text = node.string()) {
      return Template::Parse(*text, node.at(), what, secrets, problems_);
    }
    problems_.Report("model.kind", node.at(),
                     fmt::format("{} must be a string, not {}", what, node.KindName()));
    return std::nullopt;
  }

  TableReader reader_;
  Diagnostics& problems_;
  Profile profile_;
};

}  // namespace

const VerbProfile* Profile::Find(Verb verb) const {
  const auto found = std::ranges::find(verbs, verb, &std::pair<Verb, VerbProfile>::first);
  return found == verbs.end() ? nullptr : &found->second;
}

std::optional<Profile> ReadProfile(const Node& document, Diagnostics& problems) {
  Profile profile = Reader(document, problems).Read();
  if (problems.HasErrors()) return std::nullopt;
  return profile;
}

}  // namespace pullproof::conformance::client

#include "conformance/client/template.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::conformance::client {
namespace {

constexpr std::array<std::string_view, 23> kPlaceholders = {
    "arch",     "ca",       "digest", "home",        "input",    "insecure", "os",     "output",
    "password", "platform", "proxy",  "ref",         "registry", "repo",     "scheme", "secure",
    "tag",      "tls",      "to",     "to_registry", "user",     "variant",  "verb"};
// A proxy's URL may hold a password, too.
constexpr std::array<std::string_view, 2> kSecretPlaceholders = {"password", "proxy"};

// What stands for Docker Hub where a reference names no registry. Spec: distribution/reference,
// normalize.go.
constexpr std::string_view kHub = "docker.io";
bool NamesRegistry(std::string_view first) {
  return first == "localhost" || first.find_first_of(".:") != std::string_view::npos;
}

// Splits "registry/repo:tag@digest" by its punctuation alone: a case may hand the client a
// reference that is none, and the client must be the one to say so.
void SplitReference(std::string_view reference, PlaceholderValues& values) {
  const std::size_t slash = reference.find('/');
  std::string_view rest = reference;
  values["registry"] = kHub;
  if (slash != std::string_view::npos && NamesRegistry(reference.substr(0, slash))) {
    values["registry"] = reference.substr(0, slash);
    rest = reference.substr(slash + 1);
  }
  if (const std::size_t at = rest.find('@'); at != std::string_view::npos) {
    values["digest"] = rest.substr(at + 1);
    rest = rest.substr(0, at);
  }
  if (const std::size_t colon = rest.rfind(':'); colon != std::string_view::npos) {
    values["tag"] = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
  }
  values["repo"] = rest;
}

void SplitPlatform(std::string_view platform, PlaceholderValues& values) {
  values["platform"] = platform;
  const std::vector<std::string_view> parts = Split(platform, '/');
  constexpr std::array<std::string_view, 3> kNames = {"os", "arch", "variant"};
  for (std::size_t i = 0; i < std::min(parts.size(), kNames.size()); ++i) {
    values.insert_or_assign(std::string(kNames[i]), std::string(parts[i]));
  }
}

}  // namespace

PlaceholderValues ValuesOf(const Task& task) {
  PlaceholderValues values;
  for (const std::string_view name : kPlaceholders) values.emplace(name, std::string());
  values["ref"] = task.reference;
  SplitReference(task.reference, values);
  SplitPlatform(task.platform, values);
  values["to"] = task.to;
  values["to_registry"] = task.to.substr(0, task.to.find('/'));
  values["home"] = task.home.string();
  values["output"] = task.output.string();
  values["input"] = task.input.string();
  values["verb"] = VerbName(task.verb);
  values["scheme"] = task.plain_http ? "http" : "https";
  values["insecure"] = task.plain_http ? "true" : "false";
  values["secure"] = task.plain_http ? "false" : "true";
  values["tls"] = task.plain_http ? "disabled" : "enabled";
  values["ca"] = task.ca_file.string();
  values["proxy"] = task.proxy;
  if (task.login) {
    values["user"] = task.login->user;
    values["password"] = task.login->password;
  }
  return values;
}

std::optional<Template> Template::Parse(std::string_view text, Position at, std::string_view what,
                                        Secrets secrets, Diagnostics& problems) {
  Template parsed;
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) parsed.pieces_.push_back({false, std::exchange(literal, {})});
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '{' && c != '}') {
      literal += c;
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == c) {
      literal += c;
      ++i;
      continue;
    }
    const std::size_t end = text.find('}', i);
    if (c == '}' || end == std::string_view::npos) {
      problems.Report("client.placeholder", at,
                      fmt::format("{} has a `{}` without its partner", what, c),
                      "write a brace that stands for itself twice: `{{` or `}}`");
      return std::nullopt;
    }
    const std::string_view name = text.substr(i + 1, end - i - 1);
    if (std::ranges::find(kPlaceholders, name) == kPlaceholders.end()) {
      problems.Report("client.placeholder", at,
                      fmt::format("{} has an unknown placeholder `{{{}}}`", what, name),
                      SuggestFrom(name, kPlaceholders));
      return std::nullopt;
    }
    if (secrets == Secrets::kForbidden &&
        std::ranges::find(kSecretPlaceholders, name) != kSecretPlaceholders.end()) {
      problems.Report("client.secret", at,
                      fmt::format("{} may not hold the password: every process can read it", what),
                      "use the login file, `files`, or `stdin`");
      return std::nullopt;
    }
    flush();
    parsed.pieces_.push_back({true, std::string(name)});
    i = end;
  }
  flush();
  return parsed;
}

std::string Template::Expand(const PlaceholderValues& values) const {
  std::string text;
  for (const Piece& piece : pieces_) {
    text += piece.is_placeholder ? values.at(piece.text) : piece.text;
  }
  return text;
}

bool Template::IsFilledBy(const PlaceholderValues& values) const {
  return std::ranges::none_of(pieces_, [&](const Piece& piece) {
    return piece.is_placeholder && values.at(piece.text).empty();
  });
}

bool Template::Mentions(std::string_view placeholder) const {
  return std::ranges::any_of(pieces_, [&](const Piece& piece) {
    return piece.is_placeholder && piece.text == placeholder;
  });
}

std::optional<CommandTemplate> CommandTemplate::Read(const Node& node, std::string_view what,
                                                     Diagnostics& problems) {
  const Node::Array* items = node.array();
  if (items == nullptr || items->empty()) {
    problems.Report("client.command", node.at(),
                    fmt::format("{} must be an array of words, the program first", what));
    return std::nullopt;
  }
  CommandTemplate command;
  for (const Node& item : *items) {
    Group group;
    const bool is_group = item.array() != nullptr;
    for (const Node& word : is_group ? *item.array() : Node::Array{item}) {
      if (word.string() == nullptr) {
        problems.Report(
            "model.kind", word.at(),
            fmt::format("{} holds words and groups of words, not {}", what, word.KindName()));
        return std::nullopt;
      }
      std::optional<Template> text =
          Template::Parse(*word.string(), word.at(), what, Secrets::kForbidden, problems);
      if (!text) return std::nullopt;
      group.words.push_back(*std::move(text));
    }
    group.optional = is_group;
    command.groups_.push_back(std::move(group));
  }
  if (command.groups_.front().optional) {
    problems.Report("client.command", node.at(),
                    fmt::format("{} must begin with the program, not with a group", what));
    return std::nullopt;
  }
  return command;
}

std::vector<std::string> CommandTemplate::Expand(const PlaceholderValues& values) const {
  std::vector<std::string> argv;
  for (const Group& group : groups_) {
    const bool wanted =
        !group.optional || std::ranges::all_of(group.words, [&](const Template& word) {
          return word.IsFilledBy(values);
        });
    if (!wanted) continue;
    for (const Template& word : group.words) argv.push_back(word.Expand(values));
  }
  return argv;
}

bool CommandTemplate::Mentions(std::string_view placeholder) const {
  return std::ranges::any_of(groups_, [&](const Group& group) {
    return std::ranges::any_of(group.words,
                               [&](const Template& word) { return word.Mentions(placeholder); });
  });
}

}  // namespace pullproof::conformance::client

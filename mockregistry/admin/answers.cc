#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "mockregistry/admin/verbs.h"
#include "mockregistry/journal/json_writer.h"

namespace pullproof::mockregistry::admin {
namespace {

using journal::JsonArray;
using journal::JsonObject;

int StatusOf(std::string_view id) {
  static constexpr std::array<std::pair<std::string_view, int>, 11> kStatuses{{
      {"admin.unauthorized", 401},
      {"admin.host", 403},
      {"admin.origin", 403},
      {"admin.not-found", 404},
      {"rules.unknown", 404},
      {"admin.method", 405},
      {"rules.exists", 409},
      {"rules.too-many", 409},
      {"admin.too-many-registries", 409},
      {"admin.body-too-large", 413},
      {"registry.bind", 500},
  }};
  const auto found = std::ranges::find(kStatuses, id, &std::pair<std::string_view, int>::first);
  return found == kStatuses.end() ? 400 : found->second;
}

JsonObject ErrorObject(const Error& error) {
  JsonObject object;
  object.Text("id", error.id).Text("message", error.message);
  if (!error.where.empty()) object.Text("where", error.where);
  if (!error.hint.empty()) object.Text("hint", error.hint);
  return object;
}

std::string ProblemJson(const Diagnostic& problem) {
  return JsonObject()
      .Text("severity", problem.severity == Severity::kError ? "error" : "warning")
      .Text("id", problem.id)
      .Text("message", problem.message)
      .Text("hint", problem.hint)
      .Unsigned("line", problem.at.line)
      .Unsigned("column", problem.at.column)
      .Finish();
}

}  // namespace

api::Response Answer(int status, std::string json) {
  api::Response response;
  response.status = status;
  response.headers.Add("Content-Type", "application/json");
  // A page that got hold of an answer must not keep it, nor make anything else of it.
  response.headers.Add("Cache-Control", "no-store");
  response.headers.Add("X-Content-Type-Options", "nosniff");
  response.body = content::FromString(std::move(json) + "\n");
  return response;
}

api::Response Refusal(const Error& error) {
  api::Response response =
      Answer(StatusOf(error.id), JsonObject().Raw("error", ErrorObject(error).Finish()).Finish());
  if (response.status == 401) response.headers.Add("WWW-Authenticate", "Bearer");
  return response;
}

api::Response Refusal(const Diagnostics& problems) {
  const Error first = problems.FirstError();
  JsonArray all;
  for (const Diagnostic& problem : problems.all()) all.Add(ProblemJson(problem));
  return Answer(StatusOf(first.id), JsonObject()
                                        .Raw("error", ErrorObject(first).Finish())
                                        .Raw("problems", all.Finish())
                                        .Finish());
}

Result<Node> ReadBody(const Call& call) {
  const std::string type = call.request.headers.Find("Content-Type").value_or("");
  const bool is_toml = ToLowerAscii(type).find("toml") != std::string::npos;
  if (call.request.body.empty()) {
    return Fail("admin.body", "the request has no body", {}, "send a JSON object");
  }
  Result<Node> document = ParseDocument(call.request.body, is_toml ? "body.toml" : "body");
  if (document && document->table() == nullptr) {
    return Fail("admin.body", fmt::format("the body is {}, not an object", document->KindName()));
  }
  return document;
}

Result<std::uint64_t> QueryNumber(const Call& call, std::string_view name, std::uint64_t fallback,
                                  std::uint64_t high) {
  const auto found =
      std::ranges::find(call.query, name, &std::pair<std::string, std::string>::first);
  if (found == call.query.end()) return fallback;
  std::uint64_t number = 0;
  const char* const end = found->second.data() + found->second.size();
  const auto [stopped, failure] = std::from_chars(found->second.data(), end, number);
  if (failure != std::errc{} || stopped != end || number > high) {
    return Fail("admin.query", fmt::format("`{}` must be a number from 0 to {}", name, high));
  }
  return number;
}

}  // namespace pullproof::mockregistry::admin

// The admin API verb by verb, and docs/admin.openapi.json held against it: every route is in the
// file and reverse, and every answer is of the schema that the file gives for its status.
#include "mockregistry/admin/api.h"

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/document.h"
#include "base/file.h"
#include "base/text.h"
#include "mockregistry/admin/house.h"
#include "mockregistry/admin/server.h"
#include "mockregistry/content/byte_source.h"

namespace pullproof::mockregistry::admin {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kFixture = R"(
fixture = 1
id = "admin.test"
blobs.layer = "hello"
manifests.app = { image = { layers = ["layer"] } }
repos."lib/app" = { tags = { "1.0" = "app" } }
[[rules]]
id = "gone"
why = "to see it"
on = { op = "manifest.get", ref = "2.0" }
do = { status = 410 }
)";

// --- Schemas -----------------------------------------------------------------------------------

const Node& OpenApi() {
  static const Node document = [] {
    SystemFileSystem files;
    const auto text =
        files.Read(std::string(PULLPROOF_SOURCE_DIR) + "/docs/admin.openapi.json", 1 << 20);
    return ParseJson(*text, "admin.openapi.json").value();
  }();
  return document;
}

const Node* Find(const Node& node, std::initializer_list<std::string_view> way) {
  const Node* at = &node;
  for (const std::string_view name : way) {
    if (at != nullptr) at = at->Find(name);
  }
  return at;
}

bool IsOfType(const Node& value, std::string_view type) {
  if (type == "object") return value.table() != nullptr;
  if (type == "array") return value.array() != nullptr;
  if (type == "string") return value.string() != nullptr;
  if (type == "boolean") return value.boolean() != nullptr;
  if (type == "integer") return value.integer() != nullptr;
  return false;
}

// What breaks the schema, as "PATH: WHY"; the part of JSON Schema 2020-12 that the file uses.
void Validate(const Node& value, const Node& schema, const std::string& path,
              std::vector<std::string>& broken) {
  if (const Node* reference = schema.Find("$ref")) {
    const std::string_view name = std::string_view(*reference->string())
                                      .substr(std::string_view("#/components/schemas/").size());
    const Node* target = Find(OpenApi(), {"components", "schemas", name});
    if (target == nullptr) {
      broken.push_back(path + ": no schema " + std::string(name));
    } else {
      Validate(value, *target, path, broken);
    }
    return;
  }
  if (const Node* type = schema.Find("type");
      type != nullptr && !IsOfType(value, *type->string())) {
    broken.push_back(fmt::format("{}: {} is no {}", path, value.KindName(), *type->string()));
    return;
  }
  if (const Node* values = schema.Find("enum");
      values != nullptr && value.string() != nullptr &&
      std::ranges::none_of(*values->array(),
                           [&](const Node& n) { return *n.string() == *value.string(); })) {
    broken.push_back(path + ": not one of the values");
  }
  if (const Node* minimum = schema.Find("minimum");
      minimum != nullptr && value.integer() != nullptr && *value.integer() < *minimum->integer()) {
    broken.push_back(path + ": too small");
  }
  if (const Node::Array* items = value.array();
      items != nullptr && schema.Find("items") != nullptr) {
    for (std::size_t i = 0; i < items->size(); ++i) {
      Validate((*items)[i], *schema.Find("items"), fmt::format("{}[{}]", path, i), broken);
    }
  }
  if (value.table() == nullptr) return;
  if (const Node* required = schema.Find("required")) {
    for (const Node& name : *required->array()) {
      if (value.Find(*name.string()) == nullptr)
        broken.push_back(path + ": lacks " + *name.string());
    }
  }
  const Node* properties = schema.Find("properties");
  const Node* more = schema.Find("additionalProperties");
  for (const Node::Member& member : *value.table()) {
    const std::string below = path + "." + member.name;
    if (const Node* known = properties == nullptr ? nullptr : properties->Find(member.name)) {
      Validate(member.value, *known, below, broken);
    } else if (more != nullptr && more->boolean() != nullptr && !*more->boolean()) {
      broken.push_back(below + ": not known");
    } else if (more != nullptr && more->table() != nullptr) {
      Validate(member.value, *more, below, broken);
    }
  }
}

// --- The API -----------------------------------------------------------------------------------

struct Reply {
  int status = 0;
  std::string body;
  oci::Headers headers;
  Node json;
};

class AdminApiTest : public testing::Test {
 protected:
  AdminApiTest() : api_(house_, Access("letmein"), [this] { ++shutdowns_; }) {
    Diagnostics problems("f.toml");
    registry_ = house_.Adopt(Registry::InMemory(LoadScenario(kFixture, "f.toml", ".", problems)))
                    .value()
                    ->registry;
  }

  // `route` is its path in the OpenAPI file, with registry 1 and rule `gone` for what is in braces.
  Reply Ask(const std::string& method, const std::string& route, const std::string& body = "",
            const std::string& query = "", const std::string& type = "application/json") {
    std::string target = route;
    for (const auto& [form, value] : {std::pair<std::string, std::string>{"{registry}", id_},
                                      std::pair<std::string, std::string>{"{rule}", "gone"}}) {
      if (const std::size_t at = target.find(form); at != std::string::npos) {
        target.replace(at, form.size(), value);
      }
    }
    api::Request request;
    request.method = method;
    request.target = target + query;
    request.headers = {
        {"Host", "127.0.0.1:1"}, {"Authorization", "Bearer letmein"}, {"Content-Type", type}};
    request.body = body;
    const Reply reply = Send(request);
    covered_.insert(method + " " + route);
    Check(method, route, reply);
    return reply;
  }

  Reply Send(const api::Request& request) {
    const api::Response response = api_.Handle(request);
    Reply reply{.status = response.status,
                .body = content::ReadAll(*response.body),
                .headers = response.headers,
                .json = {}};
    auto json = ParseJson(reply.body, "answer");
    EXPECT_TRUE(json) << reply.body;
    if (json) reply.json = *std::move(json);
    return reply;
  }

  static void Check(const std::string& method, const std::string& route, const Reply& reply) {
    const Node* schema =
        Find(OpenApi(), {"paths", route, ToLowerAscii(method), "responses",
                         std::to_string(reply.status), "content", "application/json", "schema"});
    ASSERT_NE(schema, nullptr) << method << " " << route << " has no " << reply.status << ": "
                               << reply.body;
    std::vector<std::string> broken;
    Validate(reply.json, *schema, "answer", broken);
    EXPECT_THAT(broken, ElementsAre()) << method << " " << route << "\n" << reply.body;
  }

  void Get(const std::string& target) {
    api::Request request;
    request.method = "GET";
    request.target = target;
    request.headers = {{"Authorization", "Bearer hunter2"}};
    const script::Plan plan = registry_->Exchange(request);
    registry_->Complete(plan, 0, "complete");
  }

  House house_;
  int shutdowns_ = 0;
  Api api_;
  std::shared_ptr<Registry> registry_;
  std::string id_ = "1";
  std::set<std::string> covered_;
};

constexpr const char* kRegistry = "/v1/registries/{registry}";
std::string Of(std::string_view rest) { return std::string(kRegistry) + std::string(rest); }

TEST_F(AdminApiTest, EveryRouteIsInTheFileAndReverseAndAnswersByItsSchema) {
  Get("/v2/lib/app/manifests/1.0?sig=hunter2");
  EXPECT_EQ(Ask("GET", "/v1/health").status, 200);
  EXPECT_EQ(Ask("GET", "/v1/registries").status, 200);
  EXPECT_EQ(Ask("GET", kRegistry).status, 200);
  EXPECT_EQ(Ask("GET", Of("/content")).status, 200);
  EXPECT_EQ(Ask("GET", Of("/rules")).status, 200);
  EXPECT_EQ(Ask("POST", Of("/rules"), R"({"id":"new","on":{"op":"ping"},"do":{"status":500}})",
                "?before=gone")
                .status,
            201);
  EXPECT_EQ(
      Ask("PUT", Of("/rules/{rule}"), R"({"id":"gone","on":{"op":"ping"},"do":{"status":500}})")
          .status,
      200);
  EXPECT_EQ(Ask("PATCH", Of("/rules/{rule}"), R"({"enabled":false})").status, 200);
  EXPECT_EQ(Ask("PUT", Of("/state"), R"({"power":"off"})").status, 200);
  EXPECT_EQ(Ask("GET", Of("/state")).body, "{\"power\":\"off\"}\n");
  EXPECT_EQ(Ask("GET", Of("/journal"), "", "?op=manifest.get&status=2xx&limit=5").status, 200);
  EXPECT_EQ(Ask("POST", Of("/journal/query"), R"({"on":{"op":"manifest.*"},"limit":5})").status,
            200);
  EXPECT_EQ(Ask("POST", Of("/journal/count"), R"({"on":{"ref":{"glob":"1.*"}}})").body,
            "{\"count\":1}\n");
  EXPECT_EQ(Ask("POST", Of("/journal/wait"), R"({"count":1,"timeout":"1ms"})").status, 200);
  EXPECT_EQ(Ask("GET", Of("/journal/har")).status, 200);
  EXPECT_EQ(Ask("GET", Of("/journal/unmatched")).status, 200);
  EXPECT_EQ(Ask("POST", Of("/verify"), R"({"requests":[{"on":{}}],"never":[{"on":{}}]})").status,
            200);
  EXPECT_EQ(Ask("DELETE", Of("/journal")).status, 200);
  EXPECT_EQ(Ask("POST", Of("/reset")).status, 200);
  EXPECT_EQ(Ask("POST", "/v1/registries", std::string(kFixture), "", "application/toml").status,
            201);
  EXPECT_EQ(Ask("DELETE", kRegistry).status, 200);
  EXPECT_EQ(Ask("POST", "/v1/shutdown").status, 202);
  EXPECT_EQ(shutdowns_, 1);

  std::set<std::string> in_code;
  for (const RouteInfo& route : Routes())
    in_code.insert(fmt::format("{} {}", route.method, route.path));
  std::set<std::string> in_file;
  for (const Node::Member& path : *OpenApi().Find("paths")->table()) {
    for (const Node::Member& method : *path.value.table()) {
      if (method.name == "parameters") continue;
      std::string upper = method.name;
      std::ranges::transform(upper, upper.begin(),
                             [](char c) { return static_cast<char>(c - 32); });
      in_file.insert(upper + " " + path.name);
    }
  }
  EXPECT_EQ(in_file, in_code);
  EXPECT_EQ(covered_, in_code);
}

struct RefusedCase {
  const char* name;
  const char* method;
  const char* route;
  std::string body;
  const char* query;
  int status;
  const char* id;
};

class AdminRefusalTest : public AdminApiTest, public testing::WithParamInterface<RefusedCase> {};

TEST_P(AdminRefusalTest, SaysWhatIsWrong) {
  const RefusedCase& test = GetParam();
  const Reply reply = Ask(test.method, test.route, test.body, test.query);
  EXPECT_EQ(reply.status, test.status);
  EXPECT_EQ(*Find(reply.json, {"error", "id"})->string(), test.id) << reply.body;
}

INSTANTIATE_TEST_SUITE_P(
    Requests, AdminRefusalTest,
    testing::Values(RefusedCase{"NoBody", "POST", "/v1/registries/{registry}/verify", "", "", 400,
                                "admin.body"},
                    RefusedCase{"NoObject", "PUT", "/v1/registries/{registry}/state", "[]", "", 400,
                                "admin.body"},
                    RefusedCase{"Syntax", "PUT", "/v1/registries/{registry}/state", "{", "", 400,
                                "json.syntax"},
                    RefusedCase{"StateOfNumbers", "PUT", "/v1/registries/{registry}/state",
                                R"({"a":1})", "", 400, "admin.body"},
                    RefusedCase{"UnknownMember", "POST", "/v1/registries/{registry}/journal/wait",
                                R"({"tmeout":"1s"})", "", 400, "model.unknown-member"},
                    RefusedCase{"BadTimeout", "POST", "/v1/registries/{registry}/journal/wait",
                                R"({"timeout":"soon"})", "", 400, "duration.syntax"},
                    RefusedCase{"BadQuery", "POST", "/v1/registries/{registry}/journal/count",
                                R"({"on":{"status":"6xx"}})", "", 400, "journal.status"},
                    RefusedCase{"BadParameter", "GET", "/v1/registries/{registry}/journal", "",
                                "?limit=x", 400, "admin.query"},
                    RefusedCase{"UnknownParameter", "GET", "/v1/registries/{registry}/journal", "",
                                "?opp=x", 400, "model.unknown-member"},
                    RefusedCase{"BadCount", "POST", "/v1/registries/{registry}/verify",
                                R"({"requests":[{"on":{},"count":"x"}]})", "", 400, "admin.count"},
                    RefusedCase{"RuleExists", "POST", "/v1/registries/{registry}/rules",
                                R"({"id":"gone","on":{"op":"ping"},"do":{"status":500}})", "", 409,
                                "rules.exists"},
                    RefusedCase{"NoRuleBefore", "POST", "/v1/registries/{registry}/rules",
                                R"({"id":"x","on":{"op":"ping"},"do":{"status":500}})", "?before=y",
                                404, "rules.unknown"},
                    RefusedCase{"RuleWithoutName", "POST", "/v1/registries/{registry}/rules",
                                R"({"id":"x","on":{"name":"layr"},"do":{"status":500}})", "", 400,
                                "script.unknown-name"},
                    RefusedCase{"OtherId", "PUT", "/v1/registries/{registry}/rules/{rule}",
                                R"({"id":"x","on":{"op":"ping"},"do":{"status":500}})", "", 400,
                                "admin.body"},
                    RefusedCase{"NotABool", "PATCH", "/v1/registries/{registry}/rules/{rule}",
                                R"({"enabled":"yes"})", "", 400, "model.kind"},
                    RefusedCase{"FixtureWithFile", "POST", "/v1/registries",
                                R"({"fixture":1,"id":"a","blobs":{"b":{"file":"etc/passwd"}}})", "",
                                400, "content.file"},
                    RefusedCase{"BadFixture", "POST", "/v1/registries", R"({"fixture":2})", "", 400,
                                "content.format"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(AdminApiTest, RefusesWhoMayNot) {
  api::Request request;
  request.method = "GET";
  request.target = "/v1/health";
  EXPECT_EQ(Send(request).status, 403);
  request.headers = {{"Host", "localhost:1"}};
  const Reply reply = Send(request);
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.headers.Find("WWW-Authenticate"), "Bearer");
  Check("GET", "/v1/health", reply);
}

TEST_F(AdminApiTest, KnowsItsPathsAndMethods) {
  api::Request request;
  request.method = "DELETE";
  request.target = "/v1/registries";
  request.headers = {{"Host", "localhost:1"}, {"Authorization", "Bearer letmein"}};
  const Reply reply = Send(request);
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.headers.Find("Allow"), "GET, POST");
  request.target = "/v1/nothing";
  EXPECT_EQ(Send(request).status, 404);
  request.target = "/v1/registries/";
  EXPECT_EQ(Send(request).status, 404);
  request.target = "/v1/registries/7";
  EXPECT_EQ(Send(request).status, 404);
  request.body = std::string(kMaxBody + 1, ' ');
  EXPECT_EQ(Send(request).status, 413);
}

TEST_F(AdminApiTest, RulesAreSteeredLive) {
  Get("/v2/lib/app/manifests/2.0");
  EXPECT_THAT(Ask("GET", Of("/rules")).body,
              HasSubstr(R"({"id":"gone","why":"to see it","enabled":true,"matched":1,"fired":1})"));
  Ask("PATCH", Of("/rules/{rule}"), R"({"enabled":false})");
  Get("/v2/lib/app/manifests/2.0");
  EXPECT_EQ(registry_->journal().Snapshot().back().status, 404);
  const Reply unmatched = Ask("GET", Of("/journal/unmatched"));
  EXPECT_THAT(unmatched.body, HasSubstr("rule `gone` is nearest: it is disabled"));
  Ask("POST", Of("/rules"), R"({"id":"teapot","on":{"op":"ping"},"do":{"status":418}})");
  EXPECT_THAT(Ask("GET", Of("/journal/unmatched")).body,
              HasSubstr(R"("rules_never_matched":["teapot"])"));
}

TEST_F(AdminApiTest, TheJournalIsAskedAndHidesSecrets) {
  Get("/v2/lib/app/manifests/1.0?sig=hunter2");
  Get("/v2/lib/app/manifests/9.9");
  for (const char* route : {"/journal", "/journal/har", "/journal/unmatched"}) {
    EXPECT_THAT(Ask("GET", Of(route)).body, Not(HasSubstr("hunter2"))) << route;
  }
  EXPECT_THAT(Ask("GET", Of("/journal"), "", "?status=404").body,
              AllOf(HasSubstr(R"("reference":"9.9")"), Not(HasSubstr(R"("reference":"1.0")"))));
  EXPECT_THAT(Ask("GET", Of("/journal"), "", "?after=1&ended=true").body,
              AllOf(HasSubstr(R"("number":2)"), Not(HasSubstr(R"("number":1,)"))));
  EXPECT_EQ(Ask("POST", Of("/verify"),
                R"({"requests":[{"on":{"op":"manifest.get"},"count":2,"note":"two"}],
                    "never":[{"on":{"op":"blob.get"}},{"on":{"status":404}}]})")
                .body,
            R"({"ok":false,"checks":[{"ok":true,"seen":2,"wanted":"exactly 2","note":"two"},)"
            R"({"ok":true,"seen":0,"wanted":"exactly 0","note":""},)"
            R"({"ok":false,"seen":1,"wanted":"exactly 0","note":""}]})"
            "\n");
  EXPECT_EQ(Ask("POST", Of("/journal/wait"), R"({"count":3,"timeout":"1ms"})").body,
            "{\"reached\":false,\"count\":2}\n");
}

TEST_F(AdminApiTest, AWaitEndsWithAnEntryOrWithItsRegistry) {
  {
    std::jthread client([this] { Get("/v2/"); });
    EXPECT_EQ(Ask("POST", Of("/journal/wait"), R"({"on":{"op":"ping"},"timeout":"60s"})").body,
              "{\"reached\":true,\"count\":1}\n");
  }
  std::jthread remover([this] { house_.Remove("1"); });
  const Reply reply = Ask("POST", Of("/journal/wait"), R"({"count":9,"timeout":"60s"})");
  if (reply.status == 200) {
    EXPECT_THAT(reply.body, HasSubstr(R"("reached":false)"));
  }
}

TEST_F(AdminApiTest, RegistriesComeAndGo) {
  const Reply made =
      Ask("POST", "/v1/registries", R"({"fixture":1,"id":"posted","blobs":{"b":"x"}})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.headers.Find("Location"), "/v1/registries/2");
  EXPECT_THAT(*Find(made.json, {"hosts", "registry"})->string(),
              testing::StartsWith("http://127.0.0.1:"));
  id_ = "2";
  EXPECT_THAT(Ask("GET", Of("/content")).body,
              HasSubstr(R"("name":"b","mediaType":"application/octet-stream","digest":"sha256:)"));
  EXPECT_EQ(Ask("DELETE", kRegistry).status, 200);
  EXPECT_EQ(Ask("GET", kRegistry).status, 404);
}

TEST(HouseTest, HasRoomForSoMany) {
  House house;
  for (std::size_t i = 0; i < kMaxRegistries; ++i) {
    ASSERT_TRUE(house.Adopt(Registry::InMemory(EmptyScenario())));
  }
  EXPECT_EQ(house.Adopt(Registry::InMemory(EmptyScenario())).error().id,
            "admin.too-many-registries");
  EXPECT_EQ(house.Start(EmptyScenario()).error().id, "admin.too-many-registries");
  EXPECT_TRUE(house.Remove("1"));
  EXPECT_FALSE(house.Remove("1"));
  const auto next = house.Adopt(Registry::InMemory(EmptyScenario()));
  ASSERT_TRUE(next);
  EXPECT_EQ((*next)->id, "129");
}

TEST(AdminServerTest, StopsWhileSomebodyWaits) {
  House house;
  ASSERT_TRUE(house.Adopt(Registry::InMemory(EmptyScenario())));
  Api api(house, Access(std::nullopt), [] {});
  SystemClock clock;
  auto server = Server::Start(api, house, 0, clock);
  ASSERT_TRUE(server) << Describe(server.error());
  EXPECT_THAT((*server)->Url(), testing::StartsWith("http://127.0.0.1:"));
  server->reset();
}

}  // namespace
}  // namespace pullproof::mockregistry::admin

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resolver/lock/locked_app.h"

namespace pullproof::resolver::lock {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

#define DIGEST "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

TEST(ReadLockTest, ReadsEverything) {
  const auto app = ReadLock(R"({
    "spin_lock_version": 1,
    "must_understand": ["host_requirements", "component_host_requirements"],
    "metadata": {"name": "x", "anything": {"a": [1]}},
    "host_requirements": {"middleware": "required", "teleport": "optional"},
    "variables": {"a": {"default": "1", "description": null}, "b": {"secret": true}},
    "triggers": [{"id": "t", "trigger_type": "http", "trigger_config": {"executor": null}}],
    "components": [{
      "id": "c",
      "metadata": {"description": "d", "ai_models": ["m"]},
      "source": {"content_type": "application/wasm", "digest": ")" DIGEST R"("},
      "env": {"A": "1"},
      "files": [{"inline": "aGVsbG8", "digest": ")" DIGEST R"(", "path": "a/b"},
                {"inline": "", "path": "empty"}],
      "config": {"k": "{{ a }}"},
      "dependencies": {"x:y": {"source": {"content_type": "application/wasm"}, "export": null}},
      "trigger_dependencies": {"middleware": []},
      "host_requirements": {"local_service_chaining": "required"},
      "from_the_future": true
    }]
  })",
                            "ref");
  ASSERT_TRUE(app.has_value()) << app.error().message;
  EXPECT_THAT(app->host_requirements, ElementsAre("middleware"));
  EXPECT_EQ(app->variables.at("a").default_value, "1");
  EXPECT_TRUE(app->variables.at("b").secret);
  const LockedComponent& component = app->components.at(0);
  EXPECT_EQ(component.MetadataString("description"), "d");
  EXPECT_THAT(component.MetadataStrings("ai_models"), ElementsAre("m"));
  EXPECT_EQ(component.source.content.digest->ToString(), DIGEST);
  EXPECT_EQ(component.files.at(0).content.inline_bytes, "hello");
  EXPECT_EQ(component.files.at(1).content.inline_bytes, "");
  EXPECT_EQ(component.dependencies.begin()->first, "x:y");
  EXPECT_TRUE(component.trigger_dependencies.contains("middleware"));
  EXPECT_THAT(component.host_requirements, UnorderedElementsAre("local_service_chaining"));
}

struct BadCase {
  const char* name;
  const char* text;
  const char* id;
  const char* message;
};

class BadLockTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadLockTest, IsRefused) {
  const auto app = ReadLock(GetParam().text, "ref");
  ASSERT_FALSE(app.has_value());
  EXPECT_EQ(app.error().id, GetParam().id);
  EXPECT_THAT(app.error().message, HasSubstr(GetParam().message));
  EXPECT_THAT(app.error().where, testing::StartsWith("ref"));
}

#define LOCK_WITH(member) \
  R"({"spin_lock_version":1,"triggers":[],"components":[{"id":"c",)" member "}]}"
#define SOURCE R"("source":{"content_type":"application/wasm"})"
const BadCase kBad[] = {
    {"NotJson", "spin", "json.syntax", ""},
    {"AnArray", "[]", "lock.invalid", "spin_lock_version"},
    {"NoVersion", "{}", "lock.invalid", "spin_lock_version"},
    {"VersionText", R"({"spin_lock_version":"1"})", "lock.invalid", "spin_lock_version"},
    {"VersionTwo", R"({"spin_lock_version":2,"triggers":[],"components":[]})", "lock.unsupported",
     "invalid version 2 > 1"},
    {"MustUnderstand",
     R"({"spin_lock_version":1,"must_understand":["magic"],"triggers":[],"components":[]})",
     "lock.unsupported", "without understanding `magic`"},
    {"AppFeature",
     R"({"spin_lock_version":1,"host_requirements":{"teleport":"required"},"triggers":[],"components":[]})",
     "lock.unsupported",
     "This version of Spin does not support the following features required by this application: "
     "teleport"},
    {"ComponentFeature", LOCK_WITH(SOURCE R"(,"host_requirements":{"b":"required","a":1})"),
     "lock.unsupported", "a, b"},
    {"NoComponents", R"({"spin_lock_version":1,"triggers":[]})", "lock.invalid",
     "has no `components`"},
    {"NoTriggers", R"({"spin_lock_version":1,"components":[]})", "lock.invalid",
     "has no `triggers`"},
    {"NoSource", LOCK_WITH(R"("env":{})"), "lock.invalid", "has no `source`"},
    {"EnvNumber", LOCK_WITH(SOURCE R"(,"env":{"A":1})"), "lock.invalid", "must be a string"},
    {"DigestPath", LOCK_WITH(R"("source":{"content_type":"w","digest":"../../etc"})"),
     "lock.invalid", "../../etc"},
    {"DigestUpper",
     LOCK_WITH(
         R"("source":{"content_type":"w","digest":"sha256:2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824"})"),
     "lock.invalid", "lower-case"},
    {"PaddedBase64", LOCK_WITH(R"("source":{"content_type":"w","inline":"aGVsbA=="})"),
     "lock.invalid", "padding"},
    {"BadBase64", LOCK_WITH(R"("source":{"content_type":"w","inline":"a*"})"), "lock.invalid",
     "not base64"},
    {"DuplicateMember", R"({"spin_lock_version":1,"spin_lock_version":1})", "json.duplicate-member",
     ""},
    {"FileWithoutPath", LOCK_WITH(SOURCE R"(,"files":[{"inline":""}])"), "lock.invalid",
     "has no `path`"},
};

INSTANTIATE_TEST_SUITE_P(Table, BadLockTest, testing::ValuesIn(kBad),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(ReadLockTest, RefusesAnEndlessLock) {
  const auto app = ReadLock(std::string(kMaxLockBytes + 1, ' '), "ref");
  ASSERT_FALSE(app.has_value());
  EXPECT_EQ(app.error().id, "limit.bytes");
}

}  // namespace
}  // namespace pullproof::resolver::lock

#include "conformance/case/placeholder.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include "base/table_reader.h"
#include "mockregistry/scenario.h"

namespace pullproof::conformance {
namespace {

class Placeholders : public testing::Test {
 protected:
  Placeholders() {
    Diagnostics problems("case.toml");
    scenario_ = mockregistry::LoadScenario("fixture = 1\nid = \"a.b\"\nblobs.note = \"hello\"\n",
                                           "case.toml", "", problems);
  }

  Result<std::string> Fill(std::string_view text) const {
    return FillPlaceholders(text, scenario_->content, [](std::string_view host) -> std::string {
      if (host == "registry") return "127.0.0.1:5000";
      return host == "cdn" ? "localhost:6000" : "";
    });
  }

  std::shared_ptr<const mockregistry::Scenario> scenario_;
};

TEST_F(Placeholders, AreReplaced) {
  EXPECT_EQ(Fill("{registry}/lib/app:1.0"), "127.0.0.1:5000/lib/app:1.0");
  EXPECT_EQ(Fill("{host:registry} {host:cdn}"), "127.0.0.1:5000 localhost:6000");
  // sha256 of "hello"
  EXPECT_EQ(Fill("@{digest:note}"),
            "@sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
}

TEST_F(Placeholders, LeaveTomlTemplatesAndJsonAlone) {
  for (const std::string_view text :
       {"source = { id = \"x\" }", "{{ name }}", "{{name}}", "{\"a\":1}", "{}", "{ }", "a { b"}) {
    EXPECT_EQ(Fill(text), std::string(text));
  }
  EXPECT_EQ(Fill("source = { reference = \"{registry}/a:1\", id = \"x\" }"),
            "source = { reference = \"127.0.0.1:5000/a:1\", id = \"x\" }");
}

TEST_F(Placeholders, RefuseWhatTheyDoNotKnow) {
  EXPECT_EQ(Fill("{regsitry}/a").error().id, "placeholder.unknown");
  EXPECT_EQ(Fill("{regsitry}/a").error().hint, "did you mean `registry`?");
  EXPECT_EQ(Fill("{host:nowhere}").error().id, "placeholder.host");
  EXPECT_EQ(Fill("{digest:nothing}").error().id, "placeholder.content");
  EXPECT_EQ(Fill("{digest}").error().id, "placeholder.content");
}

}  // namespace
}  // namespace pullproof::conformance

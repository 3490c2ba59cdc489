// The profiles of registries: each loads, cites its sources, and does what it says.
#include "mockregistry/profile.h"

#include <memory>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/content/byte_source.h"
#include "mockregistry/registry.h"

namespace pullproof::mockregistry {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Profiles, AreTheNine) {
  std::vector<std::string> names;
  for (const Profile& profile : Profiles()) names.push_back(profile.name);
  EXPECT_THAT(names, testing::ElementsAre("acr", "distribution-2", "ecr", "ecr-public", "gar",
                                          "ghcr", "harbor", "hub", "quay"));
}

// Loads a fixture with 150 tags of one image, of which `repos.lib.tags."v000"` is the first.
std::shared_ptr<const Scenario> Load(const std::string& more, std::string* said = nullptr) {
  Diagnostics problems("case.toml");
  auto scenario = LoadScenario(
      "fixture = 1\nid = \"t\"\n" + more +
          "\nblobs.layer = { layer = \"1KiB\" }\nmanifests.app.image.layers = [\"layer\"]\n"
          "repos.lib.tags.\"v[000..149]\" = \"app\"\n",
      "case.toml", ".", problems);
  std::string all;
  for (const Diagnostic& problem : problems.all())
    all += FormatDiagnostic(problems, problem) + "\n";
  if (said != nullptr) {
    *said = all;
  } else {
    EXPECT_EQ(all, "");
  }
  return scenario;
}

class EachProfile : public testing::TestWithParam<std::string> {};

TEST_P(EachProfile, LoadsWithoutComplaint) {
  EXPECT_NE(Load("profile = \"" + GetParam() + "\""), nullptr);
}

TEST_P(EachProfile, CitesASourceForEachQuirk) {
  for (const Profile& profile : Profiles()) {
    if (profile.name != GetParam()) continue;
    EXPECT_FALSE(profile.title.empty());
    EXPECT_FALSE(profile.quirks.empty());
    for (const Quirk& quirk : profile.quirks) {
      EXPECT_THAT(quirk.link, StartsWith("https://")) << quirk.what;
      EXPECT_THAT(quirk.what, testing::EndsWith("."));
    }
  }
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const Profile& profile : Profiles()) names.push_back(profile.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, EachProfile, testing::ValuesIn(Names()), [](const auto& test) {
  std::string name = test.param;
  std::erase(name, '-');
  return name;
});

struct Asked {
  const char* profile;
  const char* target;
  int status;
  const char* header = "";  // one that the answer must have
  const char* value = "";   // a part of it
  const char* absent = "";  // a header that it must not have
  const char* send = "";    // a request header
  const char* send_value = "";
  const char* host = "registry";
};

class ProfileAnswers : public testing::TestWithParam<Asked> {};

TEST_P(ProfileAnswers, AsTheRegistryDoes) {
  const Asked& asked = GetParam();
  const auto registry =
      Registry::InMemory(Load(std::string("profile = \"") + asked.profile + "\""));
  api::Request request;
  request.method = "GET";
  request.host = asked.host;
  request.target = asked.target;
  if (*asked.send != 0) request.headers.Add(asked.send, asked.send_value);
  const script::Plan plan = registry->Exchange(request);
  EXPECT_EQ(plan.response.status, asked.status);
  if (*asked.header != 0) {
    EXPECT_THAT(plan.response.headers.Find(asked.header).value_or("(none)"),
                HasSubstr(asked.value));
  }
  if (*asked.absent != 0) {
    EXPECT_FALSE(plan.response.headers.Find(asked.absent).has_value());
  }
}

// "AWS:password"
constexpr const char* kAws = "Basic QVdTOnBhc3N3b3Jk";
constexpr const char* kList = "/v2/lib/tags/list";
constexpr const char* kOfThousand = "/v2/lib/tags/list?n=1001";

INSTANTIATE_TEST_SUITE_P(
    Quirks, ProfileAnswers,
    testing::Values(
        Asked{"ecr", kList, 401, "WWW-Authenticate", "Basic"},
        Asked{"ecr", kList, 200, "Link", "cursor=", "", "Authorization", kAws},
        Asked{"ecr", kList, 200, "Content-Type", "text/plain", "", "Authorization", kAws},
        Asked{"ecr", kOfThousand, 405, "", "", "Link", "Authorization", kAws},
        Asked{"ecr", "/v2/lib/tags/list?n=1000", 200, "", "", "Link", "Authorization", kAws},
        Asked{"ecr-public", "/v2/lib/manifests/v000", 400, "", "", "", "Authorization", kAws},
        Asked{"ecr-public", "/v2/lib/manifests/v000", 200},
        Asked{"ecr-public", "/v2/lib/tags/list?n=5&last=v000", 405},
        Asked{"ecr-public", "/v2/lib/tags/list?n=5", 200, "Link", "cursor="},
        Asked{"ghcr", "/v2/lib/manifests/v000", 401, "WWW-Authenticate", "service=\"ghcr.io\""},
        Asked{"gar", "/v2/lib/tags/list?n=5", 200, "", "", "Link"},
        Asked{"acr", "/v2/", 401, "WWW-Authenticate", "Bearer"},
        Asked{"acr", "/v2/", 400, "", "", "", "Authorization", kAws, "storage"},
        Asked{"hub", "/v2/lib/manifests/v000", 401, "WWW-Authenticate", "registry.docker.io"},
        Asked{"quay", "/v2/lib/tags/list?n=101", 401, "WWW-Authenticate", "quay.io"},
        Asked{"harbor", "/v2/lib/manifests/v000", 404},
        Asked{"harbor", "/v2/lib/manifests/v000", 200, "", "", "", "Accept", "*/*"},
        Asked{"distribution-2", "/v2/lib/tags/list?n=5", 200, "", "", "Link"},
        Asked{"distribution-2",
              "/v2/lib/referrers/sha256:"
              "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
              404}),
    [](const auto& test) {
      std::string name = test.param.profile + std::to_string(test.index);
      std::erase(name, '-');
      return name;
    });

// Behind a token service, the quirks themselves: the fixture's own `auth` takes its place.
TEST(ProfileQuirks, AreLaidUnderWhatTheFixtureStates) {
  const auto scenario = Load(
      "profile = \"quay\"\nlimits = { max_page = 7 }\n"
      "auth.registry = { scheme = \"basic\", users = { u = \"p\" } }\n"
      "rules = [ { id = \"mine\", on = { op = \"tags.list\", query = { n = \"3\" } }, do = { "
      "status "
      "= 418 } } ]\n");
  ASSERT_NE(scenario, nullptr);
  const auto registry = Registry::InMemory(scenario);
  const auto status = [&](const std::string& target) {
    api::Request request;
    request.method = "GET";
    request.host = "registry";
    request.target = target;
    request.headers.Add("Authorization", "Basic dTpw");
    return registry->Exchange(request).response.status;
  };
  EXPECT_EQ(status("/v2/lib/tags/list?n=3"), 418);
  EXPECT_EQ(status("/v2/lib/tags/list?n=101"), 413);
  EXPECT_EQ(scenario->fixture.max_page, 7);
  EXPECT_EQ(scenario->auth.front().scheme, auth::Policy::Scheme::kBasic);
}

TEST(ProfileQuirks, OfHubWaitForAStepToTurnThemOn) {
  const auto registry = Registry::InMemory(
      Load("profile = \"hub\"\nauth.registry = { scheme = \"basic\", users = { u = \"p\" } }\n"));
  api::Request request;
  request.method = "GET";
  request.host = "registry";
  request.target = "/v2/lib/manifests/v000";
  request.headers.Add("Authorization", "Basic dTpw");
  EXPECT_EQ(registry->Exchange(request).response.headers.Find("RateLimit-Remaining"), "99");
  EXPECT_TRUE(registry->EnableRule("hub.rate-limit", true));
  EXPECT_EQ(registry->Exchange(request).response.status, 429);
}

TEST(ProfileQuirks, OfGhcrLeadReferrersElsewhere) {
  const auto registry = Registry::InMemory(
      Load("profile = \"ghcr\"\nauth.registry = { scheme = \"basic\", users = { u = \"p\" } }\n"));
  api::Request request;
  request.method = "GET";
  request.host = "registry";
  request.target =
      "/v2/lib/referrers/sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  request.headers.Add("Authorization", "Basic dTpw");
  EXPECT_EQ(registry->Exchange(request).response.status, 303);
}

TEST(ProfileQuirks, OfAcrLeadBlobsToAStorageHost) {
  const auto scenario =
      Load("profile = \"acr\"\nauth.registry = { scheme = \"basic\", users = { u = \"p\" } }\n");
  const auto registry = Registry::InMemory(scenario);
  api::Request request;
  request.method = "GET";
  request.host = "registry";
  request.target = "/v2/lib/blobs/" + scenario->content.FindBlob("layer")->digest.ToString();
  request.headers.Add("Authorization", "Basic dTpw");
  const script::Plan there = registry->Exchange(request);
  EXPECT_EQ(there.response.status, 307);
  EXPECT_THAT(there.response.headers.Find("Location").value_or(""), HasSubstr("storage"));
  request.host = "storage";
  EXPECT_EQ(registry->Exchange(request).response.status, 400);
  request.headers.Remove("Authorization");
  EXPECT_EQ(registry->Exchange(request).response.status, 200);
}

TEST(ProfileName, MustBeKnown) {
  std::string said;
  EXPECT_EQ(Load("profile = \"ghcrr\"", &said), nullptr);
  EXPECT_EQ(said,
            "case.toml:3:11: error: there is no profile `ghcrr` [profile.unknown]\n"
            "  did you mean `ghcr`?\n");
}

}  // namespace
}  // namespace pullproof::mockregistry

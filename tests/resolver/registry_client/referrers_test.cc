// Lists of referrers: the API, its pages and filters, and the tag that stands in for it.
#include "resolver/registry_client/referrers.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/resolver/registry_client/client_fixture.h"

namespace pullproof::resolver::registry_client {
namespace {

using testing::ElementsAre;

const oci::Digest kSubject = oci::Digest::Of("subject");
const std::string kApi = "https://registry.test/v2/app/referrers/" + kSubject.ToString();
const std::string kTag = "https://registry.test/v2/app/manifests/sha256-" + kSubject.hex();

std::string Entry(std::string_view bytes, std::string_view type = "") {
  return fmt::format(
      R"({{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":{}{}}})",
      oci::Digest::Of(bytes).ToString(), bytes.size(),
      type.empty() ? std::string() : fmt::format(R"(,"artifactType":"{}")", type));
}

Reply Index(const std::vector<std::string>& entries, oci::Headers headers = {},
            const std::string& type = std::string(oci::media::kImageIndex)) {
  Reply reply{
      .headers = std::move(headers),
      .body = fmt::format(R"({{"schemaVersion":2,"manifests":[{}]}})", fmt::join(entries, ","))};
  reply.headers.Add("Content-Type", type);
  return reply;
}

class ReferrersTest : public ClientTest {
 protected:
  // The digests' sources, of those that were listed; or the error's id.
  std::vector<std::string> List(const std::string& type = {}) {
    const auto listed = client_.ListReferrers(Ref("registry.test/app"), kSubject, type);
    if (!listed) return {listed.error().id};
    std::vector<std::string> names;
    for (const oci::Descriptor& descriptor : *listed) {
      for (const char* name : {"a", "b", "c"}) {
        if (oci::Digest::Of(name) == descriptor.digest) names.emplace_back(name);
      }
      if (descriptor.digest == oci::Digest::Of(kManifest)) names.emplace_back("manifest");
    }
    return names;
  }
};

TEST_F(ReferrersTest, AreListed) {
  transport_.On(kApi, {Index({Entry("a"), Entry("b")}, {},
                             "application/vnd.oci.image.index.v1+json; charset=utf-8")});
  EXPECT_THAT(List(), ElementsAre("a", "b"));
}

TEST_F(ReferrersTest, OverAllPages) {
  transport_.On(kApi, {Index({Entry("a")}, {{"Link", "<?p=2>; rel=\"next\""}})});
  transport_.On(kApi + "?p=2", {Index({Entry("a"), Entry("b")})});
  EXPECT_THAT(List(), ElementsAre("a", "b"));
}

TEST_F(ReferrersTest, PagesThatLeadBackOrAway) {
  transport_.On(kApi, {Index({Entry("a")}, {{"Link", "<" + kApi + ">; rel=\"next\""}})});
  EXPECT_THAT(List(), ElementsAre("registry.link"));
  transport_.On(kApi, {Index({Entry("a")}, {{"Link", "<https://evil.test/x>; rel=\"next\""}})});
  EXPECT_THAT(List(), ElementsAre("registry.link"));
}

TEST_F(ReferrersTest, AFilterThatTheRegistryIgnoresIsAppliedHere) {
  const std::string filtered = kApi + "?artifactType=application%2Fa%2Bb";
  transport_.On(filtered, {Index({Entry("a", "application/a+b"), Entry("b", "other/type")})});
  EXPECT_THAT(List("application/a+b"), ElementsAre("a"));
  transport_.On(filtered, {Index({Entry("a", "application/a+b"), Entry("b")},
                                 {{"OCI-Filters-Applied", "x, artifactType"}})});
  EXPECT_THAT(List("application/a+b"), ElementsAre("a", "b"));
}

TEST_F(ReferrersTest, ATypeThatIsNotListedIsLookedUp) {
  transport_.On(kApi + "?artifactType=application%2Fvnd.oci.empty.v1%2Bjson",
                {Index({Entry(kManifest)})});
  transport_.On("https://registry.test/v2/app/manifests/" + oci::Digest::Of(kManifest).ToString(),
                {ServeManifest()});
  EXPECT_THAT(List("application/vnd.oci.empty.v1+json"), ElementsAre("manifest"));
}

TEST_F(ReferrersTest, WithoutTheApiTheTagCounts) {
  transport_.On(kApi, {{.status = 404, .body = R"({"errors":[{"code":"NAME_UNKNOWN"}]})"}});
  transport_.On(kTag, {Index({Entry("a"), Entry("b")})});
  EXPECT_THAT(List(), ElementsAre("a", "b"));
  for (const Reply& none :
       {Reply{.status = 404}, ServeManifest(),
        Reply{.headers = {{"Content-Type", "application/json"}}, .body = "x"}}) {
    transport_.On(kTag, {none});
    EXPECT_THAT(List(), ElementsAre());
  }
}

TEST_F(ReferrersTest, AnErrorIsNotNone) {
  transport_.On(kApi, {{.status = 500}});
  EXPECT_THAT(List(), ElementsAre("registry.server-error"));
  transport_.On(kApi, {{.headers = {{"Content-Type", "text/html"}}, .body = "<html>"}});
  EXPECT_THAT(List(), ElementsAre("registry.referrers"));
  transport_.On(kApi, {ServeManifest()});
  EXPECT_THAT(List(), ElementsAre("registry.referrers"));
  transport_.On(kApi, {{.status = 404}});
  transport_.On(kTag, {{.status = 403}});
  EXPECT_THAT(List(), ElementsAre("registry.denied"));
}

TEST(ReferrersTag, IsTruncated) {
  const oci::Digest sha512 = oci::Digest::Of("x", oci::Algorithm::kSha512);
  EXPECT_EQ(ReferrersTag(kSubject), "sha256-" + kSubject.hex());
  EXPECT_EQ(ReferrersTag(sha512), "sha512-" + sha512.hex().substr(0, 64));
}

}  // namespace
}  // namespace pullproof::resolver::registry_client

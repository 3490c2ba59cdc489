// The referrers API. Spec: distribution-spec, "Listing Referrers".
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/document.h"
#include "tests/mockregistry/api/registry.h"

namespace pullproof::mockregistry::api {
namespace {

using testing::AllOf;

const std::string kImageType(oci::media::kImageManifest);
const std::string kIndexType(oci::media::kImageIndex);

std::string ListOf(const std::string& descriptors) {
  return R"({"manifests":[)" + descriptors + R"(],"mediaType":")" + kIndexType +
         R"(","schemaVersion":2})";
}

class ReferrersTest : public RegistryTest {
 protected:
  // Pushes a manifest whose subject is AppManifest; returns its descriptor in the list.
  std::string Push(const std::string& type, const std::string& members,
                   const std::string& listed_members, const std::string& listed_annotations = "") {
    const std::string manifest = fmt::format(
        R"({{"schemaVersion":2,"mediaType":"{}",{},"subject":{{"mediaType":"{}","digest":"{}","size":{}}}}})",
        type, members, kImageType, subject_, AppManifest().size());
    EXPECT_THAT(Send("PUT", "/v2/lib/app/manifests/" + DigestText(manifest),
                     {{"Content-Type", type}}, manifest),
                AllOf(HasStatus(201), HasHeader("OCI-Subject", subject_)));
    return fmt::format(R"({{{}{}"digest":"{}","mediaType":"{}","size":{}}})", listed_annotations,
                       listed_members, DigestText(manifest), type, manifest.size());
  }
  std::string PushArtifact(const std::string& artifact_type) {
    return Push(kImageType, R"("artifactType":")" + artifact_type + R"(",)" + ConfigAndLayers(),
                R"("artifactType":")" + artifact_type + R"(",)");
  }
  static std::string ConfigAndLayers() {
    return fmt::format(R"("config":{{"mediaType":"a/config","digest":"{}","size":2}},"layers":[])",
                       DigestText(kConfig));
  }

  const std::string subject_ = DigestText(AppManifest());
  const std::string url_ = "/v2/lib/app/referrers/" + subject_;
};

TEST_F(ReferrersTest, AreAnEmptyIndexWhereThereAreNone) {
  for (const std::string& url :
       {url_, "/v2/lib/app/referrers/" + DigestText("absent"),
        "/v2/lib/other/referrers/" + subject_,
        "/v2/lib/app/referrers/" + DigestText("absent", oci::Algorithm::kSha512)}) {
    EXPECT_THAT(Get(url),
                AllOf(HasStatus(200), HasHeader("Content-Type", kIndexType), HasBody(ListOf("")),
                      HasNoHeader("OCI-Filters-Applied"), HasNoHeader("Link")));
  }
}

TEST_F(ReferrersTest, BadSubjectsAreRefused) {
  EXPECT_THAT(Get("/v2/lib/app/referrers/latest"), IsError(400, "DIGEST_INVALID"));
  EXPECT_THAT(Get("/v2/lib/app/referrers/sha256:x"), IsError(400, "DIGEST_INVALID"));
  EXPECT_THAT(Get("/v2/Lib/referrers/" + subject_), IsError(400, "NAME_INVALID"));
}

TEST_F(ReferrersTest, TypeAndAnnotationsComeFromTheManifest) {
  const std::string artifact =
      Push(kImageType,
           R"("artifactType":"a/sbom","annotations":{"b":"2","a":"\u00fc"},)" + ConfigAndLayers(),
           R"("artifactType":"a/sbom",)", "\"annotations\":{\"a\":\"\xC3\xBC\",\"b\":\"2\"},");
  const std::string by_config =
      Push(kImageType, ConfigAndLayers(), R"("artifactType":"a/config",)");
  const std::string index = Push(kIndexType, R"("manifests":[])", "");
  EXPECT_THAT(Get(url_), HasBody(ListOf(artifact + "," + by_config + "," + index)));
}

TEST_F(ReferrersTest, AreFilteredByArtifactType) {
  const std::string sbom = PushArtifact("a/sbom+json");
  PushArtifact("a/signature");
  EXPECT_THAT(Get(url_ + "?artifactType=a%2Fsbom%2Bjson"),
              AllOf(HasStatus(200), HasBody(ListOf(sbom)),
                    HasHeader("OCI-Filters-Applied", "artifactType")));
  EXPECT_THAT(Get(url_ + "?artifactType=a/none"),
              AllOf(HasBody(ListOf("")), HasHeader("OCI-Filters-Applied", "artifactType")));
}

TEST_F(ReferrersTest, ComeInPagesThatKeepTheFilter) {
  const std::string first = PushArtifact("a/x");
  PushArtifact("a/other");
  // The second of that type: another manifest by its annotation.
  const std::string second =
      Push(kImageType, R"("artifactType":"a/x","annotations":{"n":"2"},)" + ConfigAndLayers(),
           R"("artifactType":"a/x",)", R"("annotations":{"n":"2"},)");
  const Response page = Get(url_ + "?n=1&artifactType=a/x");
  EXPECT_THAT(
      page, AllOf(HasBody(ListOf(first)),
                  HasHeader("Link", "<" + url_ + "?n=1&last=1&artifactType=a%2Fx>; rel=\"next\"")));
  EXPECT_THAT(Get(url_ + "?n=1&last=1&artifactType=a%2Fx"),
              AllOf(HasBody(ListOf(second)), HasNoHeader("Link")));
  EXPECT_THAT(Get(url_ + "?n=1&last=x"), IsError(400, "PAGINATION_NUMBER_INVALID"));
  EXPECT_THAT(Get(url_ + "?n=0"), AllOf(HasBody(ListOf("")), HasNoHeader("Link")));
}

TEST_F(ReferrersTest, StayInOnePageBelowFourMegabytes) {
  for (const char* n : {"1", "2"}) {
    const std::string annotation =
        fmt::format(R"("annotations":{{"n":"{}","x":"{}"}},)", n, std::string(2'500'000, 'x'));
    Push(kImageType, R"("artifactType":"a/big",)" + annotation + ConfigAndLayers(),
         R"("artifactType":"a/big",)", annotation);
  }
  const Response page = Get(url_);
  EXPECT_THAT(
      page, AllOf(HasStatus(200), HasHeader("Link", "<" + url_ + "?n=1000&last=1>; rel=\"next\"")));
  EXPECT_LT(page.body->size(), std::size_t{4} << 20);
  EXPECT_THAT(Get(url_ + "?n=1000&last=1"), HasNoHeader("Link"));
}

TEST_F(ReferrersTest, GoWithTheirManifest) {
  PushArtifact("a/x");
  const Response list = Get(url_);
  const auto index = ParseJson(BodyOf(list), "index");
  ASSERT_TRUE(index.has_value());
  ASSERT_EQ(index->Find("manifests")->array()->size(), 1U);
  const std::string digest = *index->Find("manifests")->array()->front().Find("digest")->string();
  EXPECT_THAT(Send("DELETE", "/v2/lib/app/manifests/" + digest), HasStatus(202));
  EXPECT_THAT(Get(url_), HasBody(ListOf("")));
}

TEST_F(ReferrersTest, OfAFixtureAreListedAsItStates) {
  const std::string descriptor = R"({"artifactType":"a/ghost","digest":")" + DigestText("ghost") +
                                 R"(","mediaType":"m/t","size":5})";
  content_.referrers = {{"app", {descriptor}}};
  store::Store store(content_);
  context_.store = &store;
  EXPECT_THAT(Get(url_), HasBody(ListOf(descriptor)));
  EXPECT_THAT(Get(url_ + "?artifactType=a/ghost"), HasBody(ListOf(descriptor)));
  EXPECT_THAT(Get("/v2/lib/empty/referrers/" + subject_), HasBody(ListOf("")));
}

TEST_F(ReferrersTest, ARegistryWithoutTheApiHasNone) {
  context_.referrers_api = false;
  EXPECT_THAT(Get(url_), HasStatus(404));
}

// Spec: "Referrers Tag Schema": without OCI-Subject a client keeps the list in a tag of its own.
TEST_F(ReferrersTest, ARegistryWithoutTheApiPromisesNothingAndTakesTheTag) {
  context_.referrers_api = false;
  const std::string artifact = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}",{},"subject":{{"mediaType":"{}","digest":"{}","size":{}}}}})",
      kImageType, ConfigAndLayers(), kImageType, subject_, AppManifest().size());
  EXPECT_THAT(PutImage("/v2/lib/app/manifests/" + DigestText(artifact), artifact),
              AllOf(HasStatus(201), HasNoHeader("OCI-Subject")));
  const std::string list = ListOf(fmt::format(R"({{"digest":"{}","mediaType":"{}","size":{}}})",
                                              DigestText(artifact), kImageType, artifact.size()));
  const std::string tag = "/v2/lib/app/manifests/sha256-" + subject_.substr(7);
  EXPECT_THAT(Send("PUT", tag, {{"Content-Type", kIndexType}}, list), HasStatus(201));
  EXPECT_THAT(Get(tag), HasBody(list));
}

}  // namespace
}  // namespace pullproof::mockregistry::api

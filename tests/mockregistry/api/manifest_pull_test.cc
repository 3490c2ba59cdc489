// Pulling and deleting manifests. Spec: distribution-spec, "Pulling manifests", "Deleting tags",
// "Deleting Manifests".
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/api/registry.h"

namespace pullproof::mockregistry::api {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kImageType(oci::media::kImageManifest);
const std::string kIndexType(oci::media::kImageIndex);
const std::string kDockerType(oci::media::kDockerManifest);

class ManifestPullTest : public RegistryTest {};

TEST_F(ManifestPullTest, IsServedByTagAndByDigest) {
  for (const std::string& reference : {std::string("1.0"), DigestText(AppManifest())}) {
    EXPECT_THAT(Get("/v2/lib/app/manifests/" + reference),
                AllOf(HasStatus(200), HasBody(AppManifest()), HasHeader("Content-Type", kImageType),
                      HasHeader("Docker-Content-Digest", DigestText(AppManifest())),
                      HasHeader("ETag", "\"" + DigestText(AppManifest()) + "\"")));
  }
}

TEST_F(ManifestPullTest, HeadHasTheHeadersAndTheLengthOfTheGet) {
  const Response get = Get("/v2/lib/app/manifests/1.0");
  const Response head = Send("HEAD", "/v2/lib/app/manifests/1.0");
  EXPECT_TRUE(head.head_only);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers, get.headers);
  EXPECT_EQ(head.body->size(), AppManifest().size());
}

TEST_F(ManifestPullTest, RangesAreForBlobs) {
  EXPECT_THAT(Get("/v2/lib/app/manifests/1.0", {{"Range", "bytes=0-3"}}),
              AllOf(HasStatus(200), HasBody(AppManifest())));
}

TEST_F(ManifestPullTest, TheTypeIsNegotiated) {
  EXPECT_THAT(Get("/v2/lib/app/manifests/index", {{"Accept", kIndexType}}),
              AllOf(HasStatus(200), HasHeader("Content-Type", kIndexType)));
  EXPECT_THAT(Get("/v2/lib/app/manifests/docker", {{"Accept", kDockerType}}),
              AllOf(HasStatus(200), HasHeader("Content-Type", kDockerType)));
  EXPECT_THAT(Get("/v2/lib/app/manifests/index", {{"Accept", kImageType}, {"Accept", kIndexType}}),
              HasStatus(200));
  EXPECT_THAT(Get("/v2/lib/app/manifests/index", {{"Accept", "*/*"}}), HasStatus(200));

  const Response refused = Get("/v2/lib/app/manifests/index", {{"Accept", kImageType}});
  EXPECT_THAT(refused, IsError(404, "MANIFEST_UNKNOWN"));
  EXPECT_THAT(BodyOf(refused), HasSubstr(kIndexType));
  EXPECT_THAT(Send("HEAD", "/v2/lib/app/manifests/1.0", {{"Accept", kDockerType}}), HasStatus(404));
}

TEST_F(ManifestPullTest, IsNotSentToAClientThatHasIt) {
  const std::string etag = "\"" + DigestText(AppManifest()) + "\"";
  EXPECT_THAT(Get("/v2/lib/app/manifests/latest", {{"If-None-Match", etag}}),
              AllOf(HasStatus(304), HasBody(""), HasHeader("ETag", etag),
                    HasHeader("Docker-Content-Digest", DigestText(AppManifest()))));
  EXPECT_THAT(Get("/v2/lib/app/manifests/docker", {{"If-None-Match", etag}}), HasStatus(200));
}

TEST_F(ManifestPullTest, MissingOnesAreNamedByTheirMostGeneralReason) {
  EXPECT_THAT(Get("/v2/lib/app/manifests/2.0"), IsError(404, "MANIFEST_UNKNOWN"));
  EXPECT_THAT(Get("/v2/lib/app/manifests/" + DigestText("absent")),
              IsError(404, "MANIFEST_UNKNOWN"));
  EXPECT_THAT(Get("/v2/lib/app/manifests/.not-a-tag"), IsError(404, "MANIFEST_UNKNOWN"));
  EXPECT_THAT(Get("/v2/lib/other/manifests/1.0"), IsError(404, "NAME_UNKNOWN"));
  EXPECT_THAT(Get("/v2/lib/app/manifests/sha256:baddigeststring"), IsError(400, "DIGEST_INVALID"));
  EXPECT_THAT(Get("/v2/lib//app/manifests/1.0"), IsError(400, "NAME_INVALID"));
  EXPECT_THAT(Get("/v2/lib%2Fapp/manifests/1.0"), IsError(400, "NAME_INVALID"));
  EXPECT_THAT(Get("/v2/" + std::string(256, 'a') + "/manifests/1.0"), IsError(400, "NAME_INVALID"));
}

TEST_F(ManifestPullTest, ALieIsServedUnderTheDigestThatItClaims) {
  content_.manifests[0].digest = oci::Digest::Of("something else");
  store::Store store(content_);
  context_.store = &store;
  EXPECT_THAT(Get("/v2/lib/app/manifests/" + DigestText("something else")),
              AllOf(HasStatus(200), HasBody(AppManifest()),
                    HasHeader("Docker-Content-Digest", DigestText("something else"))));
}

TEST_F(ManifestPullTest, DeletingATagKeepsTheManifest) {
  EXPECT_THAT(Send("DELETE", "/v2/lib/app/manifests/1.0"), AllOf(HasStatus(202), HasBody("")));
  EXPECT_THAT(Get("/v2/lib/app/manifests/1.0"), IsError(404, "MANIFEST_UNKNOWN"));
  EXPECT_THAT(Get("/v2/lib/app/manifests/latest"), HasStatus(200));
  EXPECT_THAT(Get("/v2/lib/app/manifests/" + DigestText(AppManifest())), HasStatus(200));
  EXPECT_THAT(Send("DELETE", "/v2/lib/app/manifests/1.0"), IsError(404, "MANIFEST_UNKNOWN"));
}

TEST_F(ManifestPullTest, DeletingAManifestTakesItsTagsAlong) {
  EXPECT_THAT(Send("DELETE", "/v2/lib/app/manifests/" + DigestText(AppManifest())), HasStatus(202));
  EXPECT_THAT(Get("/v2/lib/app/manifests/latest"), IsError(404, "MANIFEST_UNKNOWN"));
  EXPECT_THAT(Get("/v2/lib/app/tags/list"),
              HasBody(R"({"name":"lib/app","tags":["docker","index"]})"));
}

TEST_F(ManifestPullTest, WhatIsNotThereCannotBeDeleted) {
  EXPECT_THAT(Send("DELETE", "/v2/lib/app/manifests/" + DigestText("absent")),
              IsError(404, "MANIFEST_UNKNOWN"));
  EXPECT_THAT(Send("DELETE", "/v2/lib/other/manifests/1.0"), IsError(404, "NAME_UNKNOWN"));
  EXPECT_THAT(Send("DELETE", "/v2/lib/app/manifests/sha256:x"), IsError(400, "DIGEST_INVALID"));
}

}  // namespace
}  // namespace pullproof::mockregistry::api

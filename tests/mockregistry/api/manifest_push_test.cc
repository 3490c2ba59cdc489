// Pushing manifests. Spec: distribution-spec, "Pushing Manifests", "Pushing Manifests with
// Subject".
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/api/registry.h"

namespace pullproof::mockregistry::api {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kImageType(oci::media::kImageManifest);
const std::string kIndexType(oci::media::kImageIndex);

std::string UrlOf(const std::string& reference) { return "/v2/lib/app/manifests/" + reference; }

// An image of the known config and one layer.
std::string ImageWith(std::string_view layer_digest, std::string_view layer_type = "a/layer",
                      std::string_view more = "") {
  return fmt::format(R"({{"schemaVersion":2,"mediaType":"{}",{})"
                     R"("config":{{"mediaType":"a/config","digest":"{}","size":2}},)"
                     R"("layers":[{{"mediaType":"{}","digest":"{}","size":20}}]}})",
                     kImageType, more, DigestText(kConfig), layer_type, layer_digest);
}

std::string Image() { return ImageWith(DigestText(kLayer)); }

std::string SubjectMember(std::string_view digest) {
  return fmt::format(R"("subject":{{"mediaType":"{}","digest":"{}","size":7}},)", kImageType,
                     digest);
}

class ManifestPushTest : public RegistryTest {};

TEST_F(ManifestPushTest, ByTagIsThereByTagAndDigest) {
  const std::string digest = DigestText(Image());
  EXPECT_THAT(PutImage(UrlOf("new"), Image()),
              AllOf(HasStatus(201), HasBody(""), HasHeader("Location", UrlOf(digest)),
                    HasHeader("Docker-Content-Digest", digest), HasNoHeader("OCI-Subject"),
                    HasNoHeader("OCI-Tag")));
  EXPECT_THAT(Get(UrlOf("new")),
              AllOf(HasStatus(200), HasBody(Image()), HasHeader("Content-Type", kImageType),
                    HasHeader("Docker-Content-Digest", digest)));
  EXPECT_THAT(Get(UrlOf(digest)), AllOf(HasStatus(200), HasBody(Image())));
}

TEST_F(ManifestPushTest, ByDigestIsThereUnderThatDigestInEveryAlgorithm) {
  for (const auto algorithm :
       {oci::Algorithm::kSha256, oci::Algorithm::kSha384, oci::Algorithm::kSha512}) {
    const std::string digest = DigestText(Image(), algorithm);
    EXPECT_THAT(PutImage(UrlOf(digest), Image()),
                AllOf(HasStatus(201), HasHeader("Docker-Content-Digest", digest)));
    EXPECT_THAT(Get(UrlOf(digest)),
                AllOf(HasBody(Image()), HasHeader("Docker-Content-Digest", digest)));
  }
}

TEST_F(ManifestPushTest, UnderAWrongDigestIsRefused) {
  const std::string wrong = DigestText("something else");
  EXPECT_THAT(PutImage(UrlOf(wrong), Image()), IsError(400, "DIGEST_INVALID"));
  EXPECT_THAT(Get(UrlOf(wrong)), HasStatus(404));
  EXPECT_THAT(PutImage(UrlOf("sha256:baddigeststring"), Image()), IsError(400, "DIGEST_INVALID"));
  EXPECT_THAT(PutImage(UrlOf("md5:d41d8cd98f00b204e9800998ecf8427e"), Image()),
              IsError(400, "DIGEST_INVALID"));
}

TEST_F(ManifestPushTest, TagParametersSetTags) {
  const std::string digest = DigestText(Image(), oci::Algorithm::kSha512);
  const Response response = PutImage(UrlOf(digest) + "?tag=a&tag=b.1&tag=a", Image());
  EXPECT_THAT(response, HasStatus(201));
  EXPECT_THAT(response.headers.All("OCI-Tag"), ElementsAre("a", "b.1"));
  EXPECT_THAT(Get(UrlOf("b.1")), AllOf(HasStatus(200), HasHeader("Docker-Content-Digest", digest)));
}

TEST_F(ManifestPushTest, TagParametersAreCheckedBeforeAnythingIsKept) {
  const std::string digest = DigestText(Image());
  EXPECT_THAT(PutImage(UrlOf(digest) + "?tag=good&tag=.bad", Image()), IsError(400, "TAG_INVALID"));
  EXPECT_THAT(PutImage(UrlOf(digest) + "?tag=", Image()), IsError(400, "TAG_INVALID"));
  EXPECT_THAT(PutImage(UrlOf("a") + "?tag=b", Image()), IsError(400, "TAG_INVALID"));
  std::string many = UrlOf(digest) + "?tag=t";
  for (int i = 0; i < 63; ++i) many += "&tag=t";
  EXPECT_THAT(PutImage(many + "&tag=t", Image()), IsError(414, "TAG_INVALID"));
  EXPECT_THAT(Get(UrlOf(digest)), HasStatus(404));
  EXPECT_THAT(PutImage(many, Image()), HasStatus(201));
}

struct TagCase {
  std::string tag;
  int status;
};
class TagGrammar : public ManifestPushTest, public testing::WithParamInterface<TagCase> {};

TEST_P(TagGrammar, IsChecked) {
  const Response response = PutImage(UrlOf(GetParam().tag), Image());
  EXPECT_EQ(response.status, GetParam().status) << GetParam().tag;
  if (GetParam().status == 400) {
    EXPECT_THAT(response, IsError(400, "TAG_INVALID"));
  }
}

INSTANTIATE_TEST_SUITE_P(All, TagGrammar,
                         testing::Values(TagCase{"v1", 201}, TagCase{"_", 201},
                                         TagCase{"A.b-c_d", 201},
                                         TagCase{std::string(128, 'a'), 201},
                                         TagCase{std::string(129, 'a'), 400}, TagCase{".a", 400},
                                         TagCase{"-a", 400}, TagCase{"a%20b", 400},
                                         TagCase{"a+b", 400}, TagCase{"sha256%3Aabc", 400}));

struct BodyCase {
  std::string name;
  std::string content_type;
  std::string body;
};
class BadManifest : public ManifestPushTest, public testing::WithParamInterface<BodyCase> {};

TEST_P(BadManifest, IsRefused) {
  oci::Headers headers;
  if (!GetParam().content_type.empty()) headers.Add("Content-Type", GetParam().content_type);
  EXPECT_THAT(Send("PUT", UrlOf("new"), headers, GetParam().body),
              IsError(400, "MANIFEST_INVALID"));
  EXPECT_THAT(Get(UrlOf("new")), HasStatus(404));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadManifest,
    testing::Values(BodyCase{"Empty", kImageType, ""}, BodyCase{"NoJson", kImageType, "{"},
                    BodyCase{"NoObject", kImageType, "[]"},
                    BodyCase{"TwoValues", kImageType, Image() + "{}"},
                    BodyCase{"IndexAsImage", kImageType, AppIndex()},
                    BodyCase{"ImageAsIndex", kIndexType, Image()},
                    BodyCase{"DockerAsOci", kImageType, DockerManifest()},
                    BodyCase{"GenericType", "application/json", Image()},
                    BodyCase{"NoType", "manifest", Image()},
                    BodyCase{"WebPage", "text/html", "<html>"},
                    BodyCase{"Schema1", "application/vnd.docker.distribution.manifest.v1+json",
                             R"({"schemaVersion":1})"},
                    BodyCase{"NoConfig", kImageType, R"({"schemaVersion":2,"layers":[]})"},
                    BodyCase{"BadLayerDigest", kImageType, ImageWith("sha256:x")},
                    BodyCase{"TwoThingsAtOnce", kImageType,
                             ImageWith(DigestText(kLayer), "a/layer", R"("manifests":[],)")},
                    BodyCase{"SubjectIsNoDescriptor", kImageType,
                             ImageWith(DigestText(kLayer), "a/layer", R"("subject":"x",)")}),
    [](const auto& parameter) { return parameter.param.name; });

TEST_F(ManifestPushTest, TheTypeMayHaveParametersOrBeLeftToTheBody) {
  EXPECT_THAT(Send("PUT", UrlOf("a"), {{"Content-Type", kImageType + "; charset=utf-8"}}, Image()),
              HasStatus(201));
  EXPECT_THAT(Send("PUT", UrlOf("b"), {}, Image()), HasStatus(201));
  EXPECT_THAT(Get(UrlOf("a")), HasHeader("Content-Type", kImageType));
  EXPECT_THAT(Get(UrlOf("b")), HasHeader("Content-Type", kImageType));
}

TEST_F(ManifestPushTest, DockerTypesAreTaken) {
  const std::string list_type(oci::media::kDockerManifestList);
  const std::string list = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{{"mediaType":"{}","digest":"{}","size":{}}}]}})",
      list_type, oci::media::kDockerManifest, DigestText(DockerManifest()),
      DockerManifest().size());
  EXPECT_THAT(Send("PUT", UrlOf("list"), {{"Content-Type", list_type}}, list), HasStatus(201));
  EXPECT_THAT(Get(UrlOf("list")), AllOf(HasBody(list), HasHeader("Content-Type", list_type)));
  EXPECT_THAT(Send("PUT", UrlOf("d2"), {{"Content-Type", std::string(oci::media::kDockerManifest)}},
                   DockerManifest()),
              HasStatus(201));
}

TEST_F(ManifestPushTest, MissingBlobsAreNamed) {
  const Response response = PutImage(UrlOf("new"), ImageWith(DigestText("absent")));
  EXPECT_THAT(response, IsError(400, "MANIFEST_BLOB_UNKNOWN"));
  EXPECT_THAT(BodyOf(response), HasSubstr(DigestText("absent")));
  // Another repository's blobs do not count.
  EXPECT_THAT(PutImage("/v2/lib/empty/manifests/new", Image()),
              IsError(400, "MANIFEST_BLOB_UNKNOWN"));
  EXPECT_THAT(PutImage("/v2/lib/other/manifests/new", Image()),
              IsError(400, "MANIFEST_BLOB_UNKNOWN"));
}

TEST_F(ManifestPushTest, AnIndexNeedsItsManifests) {
  const auto put_index = [&](std::string_view repository) {
    return Send("PUT", fmt::format("/v2/{}/manifests/new", repository),
                {{"Content-Type", kIndexType}}, AppIndex());
  };
  EXPECT_THAT(put_index("lib/app"), HasStatus(201));
  EXPECT_THAT(put_index("lib/empty"), IsError(400, "MANIFEST_BLOB_UNKNOWN"));
  const std::string empty =
      R"({"schemaVersion":2,"mediaType":")" + kIndexType + R"(","manifests":[]})";
  EXPECT_THAT(Send("PUT", UrlOf("none"), {{"Content-Type", kIndexType}}, empty), HasStatus(201));
}

TEST_F(ManifestPushTest, NonDistributableLayersNeedNotBeThere) {
  for (const char* type : {"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                           "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"}) {
    EXPECT_THAT(PutImage(UrlOf("foreign"), ImageWith(DigestText("absent"), type)), HasStatus(201));
  }
}

TEST_F(ManifestPushTest, TheSubjectNeedNotBeThereAndIsConfirmed) {
  const std::string subject = DigestText("absent");
  const std::string image = ImageWith(DigestText(kLayer), "a/layer", SubjectMember(subject));
  EXPECT_THAT(PutImage(UrlOf("referrer"), image),
              AllOf(HasStatus(201), HasHeader("OCI-Subject", subject)));
  context_.referrers_api = false;
  EXPECT_THAT(PutImage(UrlOf("referrer"), image),
              AllOf(HasStatus(201), HasNoHeader("OCI-Subject")));
}

TEST_F(ManifestPushTest, TooLargeOnesAreRefused) {
  context_.limits.max_manifest = Image().size();
  EXPECT_THAT(PutImage(UrlOf("fits"), Image()), HasStatus(201));
  context_.limits.max_manifest = Image().size() - 1;
  EXPECT_THAT(PutImage(UrlOf("big"), Image()), IsError(413, "SIZE_INVALID"));
  // A fixture may allow more than what anybody can read.
  context_.limits.max_manifest = std::uint64_t{1} << 40;
  EXPECT_THAT(PutImage(UrlOf("big"), std::string((std::size_t{4} << 20) + 1, ' ')),
              IsError(413, "SIZE_INVALID"));
}

TEST_F(ManifestPushTest, OfFourMegabytesIsTaken) {
  const std::string more = R"("annotations":{"a":")" + std::string(3'900'000, 'x') + R"("},)";
  const std::string image = ImageWith(DigestText(kLayer), "a/layer", more);
  EXPECT_THAT(PutImage(UrlOf("large"), image), HasStatus(201));
  EXPECT_EQ(BodyOf(Get(UrlOf("large"))), image);
}

TEST_F(ManifestPushTest, ABadNameIsRefused) {
  EXPECT_THAT(PutImage("/v2/Lib/manifests/new", Image()), IsError(400, "NAME_INVALID"));
  EXPECT_THAT(PutImage("/v2/a/../b/manifests/new", Image()), IsError(400, "NAME_INVALID"));
}

}  // namespace
}  // namespace pullproof::mockregistry::api

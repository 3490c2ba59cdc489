// Pulling and deleting blobs. Spec: distribution-spec, "Pulling blobs"; RFC 9110 section 14.
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/api/registry.h"

namespace pullproof::mockregistry::api {
namespace {

using testing::AllOf;

std::string LayerUrl() { return "/v2/lib/app/blobs/" + DigestText(kLayer); }

class BlobTest : public RegistryTest {
 protected:
  Response GetRange(const std::string& range) { return Get(LayerUrl(), {{"Range", range}}); }
};

TEST_F(BlobTest, IsServedWholeWithItsDigest) {
  const Response response = Get(LayerUrl());
  EXPECT_THAT(response, AllOf(HasStatus(200), HasBody(kLayer),
                              HasHeader("Content-Type", "application/octet-stream"),
                              HasHeader("Docker-Content-Digest", DigestText(kLayer)),
                              HasHeader("ETag", "\"" + DigestText(kLayer) + "\""),
                              HasHeader("Accept-Ranges", "bytes")));
  EXPECT_FALSE(response.head_only);
  EXPECT_EQ(response.body, content_.blobs[0].bytes);  // not a copy
}

TEST_F(BlobTest, HeadHasTheHeadersAndTheLengthOfTheGet) {
  const Response get = Get(LayerUrl());
  const Response head = Send("HEAD", LayerUrl(), {{"Range", "bytes=0-3"}});
  EXPECT_TRUE(head.head_only);
  EXPECT_EQ(head.status, 200);  // Range is for GET alone
  EXPECT_EQ(head.headers, get.headers);
  EXPECT_EQ(head.body->size(), kLayer.size());
}

TEST_F(BlobTest, IsNotSentToAClientThatHasIt) {
  const std::string etag = "\"" + DigestText(kLayer) + "\"";
  const Response response = Get(LayerUrl(), {{"If-None-Match", etag}, {"Range", "bytes=0-3"}});
  EXPECT_THAT(response, AllOf(HasStatus(304), HasBody(""), HasHeader("ETag", etag)));
  EXPECT_THAT(Send("HEAD", LayerUrl(), {{"If-None-Match", "*"}}), HasStatus(304));
}

TEST_F(BlobTest, MissingOnesAreNamedByTheirMostGeneralReason) {
  const std::string absent = DigestText("absent");
  EXPECT_THAT(Get("/v2/lib/app/blobs/" + absent), IsError(404, "BLOB_UNKNOWN"));
  EXPECT_THAT(Get("/v2/lib/other/blobs/" + absent), IsError(404, "NAME_UNKNOWN"));
  EXPECT_THAT(Get("/v2/lib/empty/blobs/" + DigestText(kLayer)), IsError(404, "BLOB_UNKNOWN"));
  EXPECT_THAT(Get("/v2/Lib/blobs/" + absent), IsError(400, "NAME_INVALID"));
  EXPECT_THAT(Get("/v2/../lib/app/blobs/" + absent), IsError(400, "NAME_INVALID"));
  EXPECT_THAT(Get("/v2/lib/app/blobs/sha256:short"), IsError(400, "DIGEST_INVALID"));
  EXPECT_THAT(Get("/v2/lib/app/blobs/latest"), IsError(400, "DIGEST_INVALID"));
  EXPECT_THAT(Get("/v2/lib/app/blobs/md5:d41d8cd98f00b204e9800998ecf8427e"),
              IsError(400, "DIGEST_INVALID"));
  EXPECT_THAT(Send("HEAD", "/v2/lib/app/blobs/" + absent), HasStatus(404));
  // A manifest is no blob.
  EXPECT_THAT(Get("/v2/lib/app/blobs/" + DigestText(AppManifest())), IsError(404, "BLOB_UNKNOWN"));
}

struct RangeCase {
  std::string name;
  std::string range;
  std::string body;
  std::string content_range;
};

class SingleRange : public BlobTest, public testing::WithParamInterface<RangeCase> {};

TEST_P(SingleRange, IsOnePart) {
  EXPECT_THAT(GetRange(GetParam().range),
              AllOf(HasStatus(206), HasBody(GetParam().body),
                    HasHeader("Content-Range", GetParam().content_range),
                    HasHeader("Content-Type", "application/octet-stream"),
                    HasHeader("Docker-Content-Digest", DigestText(kLayer))));
}

INSTANTIATE_TEST_SUITE_P(
    All, SingleRange,
    testing::Values(RangeCase{"Closed", "bytes=2-5", "2345", "bytes 2-5/20"},
                    RangeCase{"OneByte", "bytes=0-0", "0", "bytes 0-0/20"},
                    RangeCase{"Open", "bytes=15-", "fghij", "bytes 15-19/20"},
                    RangeCase{"Suffix", "bytes=-3", "hij", "bytes 17-19/20"},
                    RangeCase{"LongSuffix", "bytes=-100", std::string(kLayer), "bytes 0-19/20"},
                    RangeCase{"Clamped", "bytes=18-100", "ij", "bytes 18-19/20"},
                    RangeCase{"Everything", "bytes=0-", std::string(kLayer), "bytes 0-19/20"},
                    RangeCase{"UnitInAnotherCase", "Bytes=2-3", "23", "bytes 2-3/20"},
                    RangeCase{"OneOfTwoIsThere", "bytes=50-60,2-3", "23", "bytes 2-3/20"}),
    [](const auto& parameter) { return parameter.param.name; });

class BadRange : public BlobTest, public testing::WithParamInterface<std::string> {};

TEST_P(BadRange, IsRefusedWithTheLength) {
  EXPECT_THAT(GetRange(GetParam()),
              AllOf(IsError(416, "RANGE_INVALID"), HasHeader("Content-Range", "bytes */20")));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadRange,
    testing::Values("bytes=20-", "bytes=20-30", "bytes=-0", "bytes=5-2", "bytes=", "bytes=a-b",
                    "bytes=1", "bytes=100-200,300-400", "bytes=-",
                    "bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8,9-9,0-0,1-1,2-2,3-3,4-4,5-5,6-6"));

TEST_F(BlobTest, ARangeOfAnotherUnitIsIgnored) {
  EXPECT_THAT(GetRange("lines=1-2"), AllOf(HasStatus(200), HasBody(kLayer)));
}

TEST_F(BlobTest, SeveralRangesAreOnePartEach) {
  const Response response = GetRange("bytes=0-1, -2, 90-99");
  const std::string boundary = "part-" + DigestText(kLayer).substr(71 - 32);
  EXPECT_THAT(response,
              AllOf(HasStatus(206), HasNoHeader("Content-Range"),
                    HasHeader("Content-Type", "multipart/byteranges; boundary=" + boundary)));
  EXPECT_EQ(BodyOf(response), fmt::format("--{0}\r\nContent-Type: application/octet-stream\r\n"
                                          "Content-Range: bytes 0-1/20\r\n\r\n01\r\n"
                                          "--{0}\r\nContent-Type: application/octet-stream\r\n"
                                          "Content-Range: bytes 18-19/20\r\n\r\nij\r\n"
                                          "--{0}--\r\n",
                                          boundary));
}

TEST_F(BlobTest, IfRangeGuardsTheRange) {
  const std::string etag = "\"" + DigestText(kLayer) + "\"";
  EXPECT_THAT(Get(LayerUrl(), {{"Range", "bytes=0-1"}, {"If-Range", etag}}), HasStatus(206));
  EXPECT_THAT(Get(LayerUrl(), {{"Range", "bytes=0-1"}, {"If-Range", "\"other\""}}),
              AllOf(HasStatus(200), HasBody(kLayer)));
}

TEST_F(BlobTest, AnEmptyBlobHasNoRanges) {
  PushBlob("lib/app", "");
  const std::string url = "/v2/lib/app/blobs/" + DigestText("");
  EXPECT_THAT(Get(url), AllOf(HasStatus(200), HasBody("")));
  EXPECT_THAT(Get(url, {{"Range", "bytes=0-0"}}),
              AllOf(IsError(416, "RANGE_INVALID"), HasHeader("Content-Range", "bytes */0")));
  EXPECT_THAT(Get(url, {{"Range", "bytes=-5"}}), HasStatus(416));
}

TEST_F(BlobTest, ARangeOfAHugeBlobIsNotReadWhole) {
  constexpr std::uint64_t kSize = std::uint64_t{100} << 30;
  content::Content content;
  content.blobs = {{.name = "huge",
                    .media_type = "application/octet-stream",
                    .digest = oci::Digest::Of("stands for it"),
                    .bytes = content::Zeros(kSize)}};
  content.repositories = {{.name = "r", .tags = {}, .manifests = {}, .blobs = {"huge"}}};
  store::Store store(content);
  context_.store = &store;
  const Response response = Get("/v2/r/blobs/" + DigestText("stands for it"),
                                {{"Range", fmt::format("bytes={}-", kSize - 4)}});
  EXPECT_THAT(response, AllOf(HasStatus(206), HasBody(std::string(4, '\0'))));
}

TEST_F(BlobTest, IsDeletedFromItsRepositoryAlone) {
  PushBlob("lib/copy", kLayer);
  EXPECT_THAT(Send("DELETE", LayerUrl()), AllOf(HasStatus(202), HasBody("")));
  EXPECT_THAT(Get(LayerUrl()), IsError(404, "BLOB_UNKNOWN"));
  EXPECT_THAT(Send("DELETE", LayerUrl()), IsError(404, "BLOB_UNKNOWN"));
  EXPECT_THAT(Get("/v2/lib/copy/blobs/" + DigestText(kLayer)), HasStatus(200));
  EXPECT_THAT(Send("DELETE", "/v2/lib/other/blobs/" + DigestText(kLayer)),
              IsError(404, "NAME_UNKNOWN"));
  EXPECT_THAT(Send("DELETE", "/v2/lib/app/blobs/sha256:x"), IsError(400, "DIGEST_INVALID"));
}

}  // namespace
}  // namespace pullproof::mockregistry::api

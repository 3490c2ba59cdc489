// Pushing blobs in every way. Spec: distribution-spec, "Pushing blobs".
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/api/registry.h"

namespace pullproof::mockregistry::api {
namespace {

using testing::AllOf;

const std::string kUploads = "/v2/lib/new/blobs/uploads/";

std::string BlobUrl(std::string_view bytes, std::string_view repository = "lib/new") {
  return fmt::format("/v2/{}/blobs/{}", repository, DigestText(bytes));
}

class UploadTest : public RegistryTest {
 protected:
  // Starts a session and returns its URL.
  std::string Start() {
    const Response response = Send("POST", kUploads);
    EXPECT_THAT(response, HasStatus(202));
    return response.headers.Find("Location").value_or("");
  }
  Response Patch(const std::string& url, const std::string& range, const std::string& body) {
    oci::Headers headers;
    if (!range.empty()) headers.Add("Content-Range", range);
    return Send("PATCH", url, headers, body);
  }
  Response Put(const std::string& url, std::string_view whole, const std::string& body = "",
               const std::string& range = "") {
    oci::Headers headers;
    if (!range.empty()) headers.Add("Content-Range", range);
    return Send("PUT", url + "?digest=" + DigestText(whole), headers, body);
  }
};

TEST_F(UploadTest, StartsASessionOfItsOwn) {
  const Response response = Send("POST", kUploads);
  const std::string id = response.headers.Find("Docker-Upload-UUID").value_or("");
  EXPECT_THAT(response, AllOf(HasStatus(202), HasBody(""), HasHeader("Location", kUploads + id),
                              HasHeader("Range", "0-0"), HasNoHeader("OCI-Chunk-Min-Length")));
  EXPECT_NE(Start(), Start());
  EXPECT_THAT(Get("/v2/lib/new/tags/list"), IsError(404, "NAME_UNKNOWN"));
}

TEST_F(UploadTest, PostThenPut) {
  const std::string url = Start();
  EXPECT_THAT(Put(url, "hello", "hello"),
              AllOf(HasStatus(201), HasBody(""), HasHeader("Location", BlobUrl("hello")),
                    HasHeader("Docker-Content-Digest", DigestText("hello"))));
  EXPECT_THAT(Get(BlobUrl("hello")), AllOf(HasStatus(200), HasBody("hello")));
  EXPECT_THAT(Put(url, "hello", "hello"), IsError(404, "BLOB_UPLOAD_UNKNOWN"));
}

TEST_F(UploadTest, SinglePostInEveryAlgorithm) {
  for (const auto algorithm :
       {oci::Algorithm::kSha256, oci::Algorithm::kSha384, oci::Algorithm::kSha512}) {
    const std::string digest = DigestText("hello", algorithm);
    EXPECT_THAT(Send("POST", kUploads + "?digest=" + digest, {}, "hello"),
                AllOf(HasStatus(201), HasHeader("Location", "/v2/lib/new/blobs/" + digest),
                      HasHeader("Docker-Content-Digest", digest)));
    EXPECT_THAT(Get("/v2/lib/new/blobs/" + digest), HasBody("hello"));
  }
}

TEST_F(UploadTest, ThePercentEncodedDigestOfAUrlIsADigest) {
  EXPECT_THAT(
      Send("POST", kUploads + "?digest=sha256%3A" + DigestText("hello").substr(7), {}, "hello"),
      HasStatus(201));
}

TEST_F(UploadTest, WrongDigestsAreRefusedAndLeaveNothing) {
  EXPECT_THAT(Send("POST", kUploads + "?digest=" + DigestText("other"), {}, "hello"),
              IsError(400, "DIGEST_INVALID"));
  const std::string url = Start();
  EXPECT_THAT(Patch(url, "", "hello"), HasStatus(202));
  EXPECT_THAT(Put(url, "other"), IsError(400, "DIGEST_INVALID"));
  EXPECT_THAT(Get(url), IsError(404, "BLOB_UPLOAD_UNKNOWN"));
  EXPECT_THAT(Get(BlobUrl("other")), HasStatus(404));
  EXPECT_THAT(Get(BlobUrl("hello")), HasStatus(404));
  EXPECT_EQ(store_.pushed_bytes(), 0U);
}

TEST_F(UploadTest, WhatIsNoDigestIsRefusedAndTheSessionLives) {
  const std::string url = Start();
  EXPECT_THAT(Patch(url, "0-4", "hello"), HasStatus(202));
  for (const char* query : {"", "?digest=", "?digest=sha256:x", "?digest=md5:0"}) {
    EXPECT_THAT(Send("PUT", url + query), IsError(400, "DIGEST_INVALID")) << query;
  }
  EXPECT_THAT(Put(url, "hello"), HasStatus(201));
  EXPECT_THAT(Send("POST", kUploads + "?digest=x", {}, "hello"), IsError(400, "DIGEST_INVALID"));
}

TEST_F(UploadTest, InChunks) {
  const std::string url = Start();
  EXPECT_THAT(Patch(url, "0-2", "hel"),
              AllOf(HasStatus(202), HasHeader("Location", url), HasHeader("Range", "0-2")));
  EXPECT_THAT(Patch(url, "3-5", "lo "), AllOf(HasStatus(202), HasHeader("Range", "0-5")));
  EXPECT_THAT(Get(url), AllOf(HasStatus(204), HasBody(""), HasHeader("Location", url),
                              HasHeader("Range", "0-5")));
  EXPECT_THAT(Put(url, "hello world", "world", "6-10"), HasStatus(201));
  EXPECT_THAT(Get(BlobUrl("hello world")), HasBody("hello world"));
}

TEST_F(UploadTest, AsAStreamWithoutRanges) {
  const std::string url = Start();
  EXPECT_THAT(Patch(url, "", "hello "), HasHeader("Range", "0-5"));
  EXPECT_THAT(Patch(url, "", ""), AllOf(HasStatus(202), HasHeader("Range", "0-5")));
  EXPECT_THAT(Patch(url, "", "world"), HasHeader("Range", "0-10"));
  EXPECT_THAT(Put(url, "hello world"), HasStatus(201));
}

TEST_F(UploadTest, OutOfOrderChunksAreRefusedWithThePlaceToGoOn) {
  const std::string url = Start();
  const auto refused_at = [&](const std::string& range) {
    return AllOf(IsError(416, "BLOB_UPLOAD_INVALID"), HasHeader("Location", url),
                 HasHeader("Range", range));
  };
  EXPECT_THAT(Patch(url, "3-5", "lo "), refused_at("0-0"));
  EXPECT_THAT(Patch(url, "0-2", "hel"), HasStatus(202));
  EXPECT_THAT(Patch(url, "0-2", "hel"), refused_at("0-2"));
  EXPECT_THAT(Patch(url, "4-5", "o "), refused_at("0-2"));
  EXPECT_THAT(Put(url, "hello", "lo", "4-5"), refused_at("0-2"));
  EXPECT_THAT(Get(url), HasHeader("Range", "0-2"));
  EXPECT_THAT(Put(url, "hello", "lo", "3-4"), HasStatus(201));
}

struct ChunkCase {
  std::string name;
  std::string range;
  std::string code;
};
class BadChunk : public UploadTest, public testing::WithParamInterface<ChunkCase> {};

TEST_P(BadChunk, IsRefusedAndChangesNothing) {
  const std::string url = Start();
  EXPECT_THAT(Patch(url, GetParam().range, "hello"), IsError(400, GetParam().code));
  EXPECT_THAT(Put(url, "hello", "hello", GetParam().range), IsError(400, GetParam().code));
  EXPECT_THAT(Patch(url, "0-4", "hello"), HasStatus(202));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadChunk,
    testing::Values(ChunkCase{"TooLong", "0-5", "SIZE_INVALID"},
                    ChunkCase{"TooShort", "0-3", "SIZE_INVALID"},
                    ChunkCase{"Words", "abc", "BLOB_UPLOAD_INVALID"},
                    ChunkCase{"Rfc9110Form", "bytes 0-4/5", "BLOB_UPLOAD_INVALID"},
                    ChunkCase{"Open", "0-", "BLOB_UPLOAD_INVALID"},
                    ChunkCase{"Suffix", "-4", "BLOB_UPLOAD_INVALID"},
                    ChunkCase{"Backwards", "4-0", "BLOB_UPLOAD_INVALID"},
                    ChunkCase{"Blank", " 0-4", "BLOB_UPLOAD_INVALID"},
                    ChunkCase{"Beyond64Bits", "0-99999999999999999999", "BLOB_UPLOAD_INVALID"},
                    ChunkCase{"AllOf64Bits", "0-18446744073709551615", "BLOB_UPLOAD_INVALID"}),
    [](const auto& parameter) { return parameter.param.name; });

TEST_F(UploadTest, TheLeastChunkLengthIsAnnouncedAndKept) {
  context_.limits.min_chunk = 4;
  const Response start = Send("POST", kUploads);
  EXPECT_THAT(start, AllOf(HasStatus(202), HasHeader("OCI-Chunk-Min-Length", "4")));
  const std::string url = *start.headers.Find("Location");
  EXPECT_THAT(Patch(url, "0-3", "1234"), HasStatus(202));
  EXPECT_THAT(Patch(url, "4-5", "56"), HasStatus(202));  // it may be the last one
  EXPECT_THAT(Patch(url, "6-9", "7890"), IsError(400, "SIZE_INVALID"));
  EXPECT_THAT(Put(url, "123456"), HasStatus(201));
}

TEST_F(UploadTest, IsCancelledOnce) {
  const std::string url = Start();
  EXPECT_THAT(Patch(url, "0-4", "hello"), HasStatus(202));
  EXPECT_THAT(Send("DELETE", url), AllOf(HasStatus(204), HasBody("")));
  EXPECT_THAT(Send("DELETE", url), IsError(404, "BLOB_UPLOAD_UNKNOWN"));
  EXPECT_THAT(Get(url), IsError(404, "BLOB_UPLOAD_UNKNOWN"));
  EXPECT_THAT(Patch(url, "5-5", "!"), IsError(404, "BLOB_UPLOAD_UNKNOWN"));
  EXPECT_THAT(Put(url, "hello"), IsError(404, "BLOB_UPLOAD_UNKNOWN"));
  EXPECT_EQ(store_.pushed_bytes(), 0U);
}

TEST_F(UploadTest, BelongsToItsRepository) {
  const std::string url = Start();
  const std::string elsewhere = "/v2/lib/app/blobs/uploads/" + url.substr(kUploads.size());
  EXPECT_THAT(Get(elsewhere), IsError(404, "BLOB_UPLOAD_UNKNOWN"));
  EXPECT_THAT(Put(elsewhere, "hello", "hello"), IsError(404, "BLOB_UPLOAD_UNKNOWN"));
  EXPECT_THAT(Get(url), HasStatus(204));
}

TEST_F(UploadTest, TheDigestAlgorithmIsAHint) {
  EXPECT_THAT(Send("POST", kUploads + "?digest-algorithm=sha999"), IsError(400, "DIGEST_INVALID"));
  const Response start = Send("POST", kUploads + "?digest-algorithm=sha512");
  EXPECT_THAT(start, HasStatus(202));
  const std::string digest = DigestText("hello", oci::Algorithm::kSha512);
  EXPECT_THAT(Send("PUT", *start.headers.Find("Location") + "?digest=" + digest, {}, "hello"),
              AllOf(HasStatus(201), HasHeader("Docker-Content-Digest", digest)));
}

TEST_F(UploadTest, SmallBlobsAreRefusedWhereALimitSaysSo) {
  context_.limits.min_blob = 5;
  EXPECT_THAT(Send("POST", kUploads + "?digest=" + DigestText("tiny"), {}, "tiny"),
              IsError(400, "SIZE_INVALID"));
  const std::string url = Start();
  EXPECT_THAT(Patch(url, "0-1", "he"), HasStatus(202));
  EXPECT_THAT(Put(url, "hell", "ll"), IsError(400, "SIZE_INVALID"));
  EXPECT_THAT(Put(url, "hello", "llo"), HasStatus(201));
}

TEST_F(UploadTest, MoreThanTheMemoryOfTheRegistryIsRefused) {
  store::Store small(content_, 10'000);
  context_.store = &small;
  const std::string big(20'000, 'x');
  EXPECT_THAT(Send("POST", kUploads + "?digest=" + DigestText(big), {}, big),
              IsError(413, "SIZE_INVALID"));
  const std::string url = Start();
  EXPECT_THAT(Patch(url, "", big), IsError(413, "SIZE_INVALID"));
  EXPECT_THAT(Get(url), HasStatus(204));
}

TEST_F(UploadTest, BadNamesAreRefused) {
  EXPECT_THAT(Send("POST", "/v2/Lib/blobs/uploads/"), IsError(400, "NAME_INVALID"));
  EXPECT_THAT(Send("PATCH", "/v2/Lib/blobs/uploads/7", {}, "x"), IsError(400, "NAME_INVALID"));
  EXPECT_THAT(Send("PUT", "/v2/Lib/blobs/uploads/7"), IsError(400, "NAME_INVALID"));
  EXPECT_THAT(Get("/v2/Lib/blobs/uploads/7"), IsError(400, "NAME_INVALID"));
  EXPECT_THAT(Send("DELETE", "/v2/Lib/blobs/uploads/7"), IsError(400, "NAME_INVALID"));
  EXPECT_THAT(Send("POST", "/v2/Lib/blobs/uploads/?mount=x"), IsError(400, "NAME_INVALID"));
}

// --- Mounting: spec, "Mounting a blob from another repository" ---------------------------------

class MountTest : public UploadTest {
 protected:
  Response Mount(const std::string& digest, const std::string& rest = "") {
    return Send("POST", kUploads + "?mount=" + digest + rest);
  }
  const std::string layer_ = DigestText(kLayer);
};

TEST_F(MountTest, FromARepositoryThatHasIt) {
  EXPECT_THAT(Mount(layer_, "&from=lib%2Fapp"),
              AllOf(HasStatus(201), HasHeader("Location", BlobUrl(kLayer)),
                    HasHeader("Docker-Content-Digest", layer_)));
  EXPECT_THAT(Get(BlobUrl(kLayer)), HasBody(kLayer));
}

TEST_F(MountTest, FromAnyRepository) {
  EXPECT_THAT(Mount(layer_), AllOf(HasStatus(201), HasHeader("Location", BlobUrl(kLayer))));
  EXPECT_THAT(Get(BlobUrl(kLayer)), HasStatus(200));
}

TEST_F(MountTest, WhatCannotBeMountedIsUploaded) {
  for (const std::string& rest : {std::string("&from=lib%2Fempty"), std::string("&from=nowhere")}) {
    const Response response = Mount(layer_, rest);
    EXPECT_THAT(response, AllOf(HasStatus(202), HasHeader("Range", "0-0")));
    EXPECT_THAT(Put(*response.headers.Find("Location"), kLayer, std::string(kLayer)),
                HasStatus(201));
    EXPECT_THAT(Send("DELETE", BlobUrl(kLayer)), HasStatus(202));
  }
  EXPECT_THAT(Mount(DigestText("absent")), HasStatus(202));
}

TEST_F(MountTest, BadParametersAreRefused) {
  EXPECT_THAT(Mount("sha256:x"), IsError(400, "DIGEST_INVALID"));
  EXPECT_THAT(Mount(""), IsError(400, "DIGEST_INVALID"));
  EXPECT_THAT(Mount(layer_, "&from=Lib"), IsError(400, "NAME_INVALID"));
  EXPECT_THAT(Mount(layer_, "&from="), IsError(400, "NAME_INVALID"));
}

}  // namespace
}  // namespace pullproof::mockregistry::api

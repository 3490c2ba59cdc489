// Uploads through the whole client: what is asked, in which order, and what a failure leads to.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "resolver/registry_client/blob_upload.h"
#include "tests/resolver/registry_client/client_fixture.h"

namespace pullproof::resolver::registry_client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kBlob = "hello, registry";
const std::string kUploads = "https://registry.test/v2/app/blobs/uploads/";
const std::string kSession = kUploads + "u1?_state=a%2Bb%3D%3d";

class PushTest : public ClientTest {
 protected:
  PushTest()
      : ClientTest({.credentials = {{"registry.test", {"user", "pass"}}}, .plain_http = {}}) {
    transport_.On("HEAD " + BlobUrl(kBlob), {{.status = 404}});
    transport_.On("POST " + kUploads, {Accept("u1?_state=a%2Bb%3D%3d")});
    transport_.On("PUT " + Closing(kSession, kBlob), {{.status = 201}});
    transport_.On("DELETE " + kSession, {{.status = 204}});
  }

  static std::string BlobUrl(std::string_view bytes) {
    return "https://registry.test/v2/app/blobs/" + oci::Digest::Of(bytes).ToString();
  }
  static std::string Closing(const std::string& session, std::string_view bytes) {
    return fmt::format("{}{}digest={}", session, session.contains('?') ? '&' : '?',
                       PercentEncode(oci::Digest::Of(bytes).ToString()));
  }
  static Reply Accept(const std::string& location, const std::string& range = {}) {
    Reply reply{.status = 202, .headers = {{"Location", location}}};
    if (!range.empty()) reply.headers.Add("Range", range);
    return reply;
  }

  Result<BlobPush> Push(const std::string& bytes = kBlob, const std::string& mount_from = {}) {
    return client_.PushBlob(Ref("registry.test/app"), DescriptorOf(bytes), bytes, mount_from);
  }
  std::string LastBody() { return transport_.requests().back().body; }
};

TEST_F(PushTest, InOnePieceWithTheSessionsQueryKept) {
  EXPECT_EQ(Push(), BlobPush::kUploaded);
  EXPECT_THAT(transport_.Methods(), ElementsAre("HEAD", "POST", "PUT"));
  EXPECT_EQ(LastBody(), kBlob);
  EXPECT_EQ(transport_.Sent("Content-Type").back(), "application/octet-stream");
}

TEST_F(PushTest, WhatIsThereIsNotSent) {
  transport_.On("HEAD " + BlobUrl(kBlob),
                {{.status = 200, .headers = {{"Content-Length", std::to_string(kBlob.size())}}}});
  EXPECT_EQ(Push(), BlobPush::kExisted);
  EXPECT_THAT(transport_.Methods(), ElementsAre("HEAD"));
}

TEST_F(PushTest, AnotherLengthIsNotThere) {
  transport_.On("HEAD " + BlobUrl(kBlob), {{.status = 200, .headers = {{"Content-Length", "3"}}}});
  EXPECT_EQ(Push(), BlobPush::kUploaded);
}

TEST_F(PushTest, DeniedIsNotAbsent) {
  transport_.On("HEAD " + BlobUrl(kBlob), {{.status = 403}});
  EXPECT_EQ(IdOf(Push()), "registry.denied");
  EXPECT_THAT(transport_.Methods(), ElementsAre("HEAD"));
}

TEST_F(PushTest, BytesMustBeWhatTheDescriptorSays) {
  const auto pushed =
      client_.PushBlob(Ref("registry.test/app"), DescriptorOf("other"), "wrong", {});
  EXPECT_EQ(IdOf(pushed), "digest.mismatch");
  EXPECT_THAT(transport_.Methods(), ElementsAre());
}

struct Place {
  const char* name;
  const char* location;
  const char* url;  // of the PUT
};
class LocationTest : public PushTest, public testing::WithParamInterface<Place> {};

TEST_P(LocationTest, IsResolved) {
  transport_.On("POST " + kUploads, {Accept(GetParam().location)});
  transport_.On("PUT " + Closing(GetParam().url, kBlob), {{.status = 201}});
  EXPECT_EQ(IdOf(Push()), "ok");
}

INSTANTIATE_TEST_SUITE_P(
    Table, LocationTest,
    testing::Values(Place{"AbsolutePath", "/v2/app/blobs/uploads/u2",
                          "https://registry.test/v2/app/blobs/uploads/u2"},
                    Place{"Relative", "u3", "https://registry.test/v2/app/blobs/uploads/u3"},
                    Place{"Absolute", "https://registry.test/up/u4", "https://registry.test/up/u4"},
                    Place{"OtherHost", "https://blobs.test/u5?sig=a%2Fb",
                          "https://blobs.test/u5?sig=a%2Fb"}),
    [](const auto& row) { return row.param.name; });

struct BadPlace {
  const char* name;
  oci::Headers headers;
  const char* id;
};
class BadLocationTest : public PushTest, public testing::WithParamInterface<BadPlace> {};

TEST_P(BadLocationTest, NothingIsSent) {
  transport_.On("POST " + kUploads, {{.status = 202, .headers = GetParam().headers}});
  EXPECT_EQ(IdOf(Push()), GetParam().id);
  EXPECT_THAT(transport_.Methods(), ElementsAre("HEAD", "POST"));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadLocationTest,
    testing::Values(
        BadPlace{"None", {}, "registry.upload"},
        BadPlace{"NoUrl", {{"Location", "http://[::bad"}}, "redirect.location"},
        BadPlace{"Downgrade", {{"Location", "http://registry.test/u"}}, "redirect.downgrade"},
        BadPlace{"User", {{"Location", "https://a:b@registry.test/u"}}, "redirect.user"}),
    [](const auto& row) { return row.param.name; });

TEST_F(PushTest, CredentialsStayAtTheRegistry) {
  const std::string elsewhere = "https://blobs.test/u5";
  transport_.On(
      "HEAD " + BlobUrl(kBlob),
      {{.status = 401, .headers = {{"WWW-Authenticate", R"(Basic realm="x")"}}}, {.status = 404}});
  transport_.On("POST " + kUploads, {Accept(elsewhere)});
  transport_.On("PUT " + Closing(elsewhere, kBlob), {{.status = 201}});
  EXPECT_EQ(IdOf(Push()), "ok");
  EXPECT_THAT(transport_.Sent("Authorization"),
              ElementsAre("-", "Basic dXNlcjpwYXNz", "Basic dXNlcjpwYXNz", "-"));
}

TEST_F(PushTest, ARedirectedPutIsReplayedElsewhereWithoutCredentials) {
  transport_.On("PUT " + Closing(kSession, kBlob),
                {{.status = 307, .headers = {{"Location", "https://store.test/x"}}}});
  transport_.On("PUT https://store.test/x", {{.status = 201}});
  EXPECT_EQ(IdOf(Push()), "ok");
  EXPECT_EQ(LastBody(), kBlob);
}

TEST_F(PushTest, ARedirectThatWouldDropTheBodyIsNotFollowed) {
  transport_.On("PUT " + Closing(kSession, kBlob),
                {{.status = 303, .headers = {{"Location", "https://store.test/x"}}}});
  EXPECT_EQ(IdOf(Push()), "registry.status");
}

TEST_F(PushTest, ABusyRegistryGetsTheWholeAgainInANewUpload) {
  transport_.On("PUT " + Closing(kSession, kBlob), {{.status = 503}, {.status = 201}});
  EXPECT_EQ(Push(), BlobPush::kUploaded);
  EXPECT_THAT(transport_.Methods(), ElementsAre("HEAD", "POST", "PUT", "HEAD", "POST", "PUT"));
  EXPECT_EQ(LastBody(), kBlob);
}

TEST_F(PushTest, AnAnswerThatWasLostIsNotSentAgain) {
  transport_.On("PUT " + Closing(kSession, kBlob), {Fault("transport.closed")});
  transport_.On("HEAD " + BlobUrl(kBlob), {{.status = 404}, {.status = 200}});
  EXPECT_EQ(Push(), BlobPush::kExisted);
  EXPECT_THAT(transport_.Methods(), ElementsAre("HEAD", "POST", "PUT", "HEAD"));
}

TEST_F(PushTest, AnExpiredTokenInTheMiddleIsRenewedAndTheBodySentAgain) {
  const std::string token = "https://auth.test/token?scope=repository%3Aapp%3Apull%2Cpush";
  const Reply challenge{
      .status = 401,
      .headers = {{"WWW-Authenticate", R"(Bearer realm="https://auth.test/token")"}}};
  transport_.On("PUT " + Closing(kSession, kBlob), {challenge, {.status = 201}});
  transport_.On(token, {{.body = R"({"token":"t"})"}});
  EXPECT_EQ(IdOf(Push()), "ok");
  EXPECT_EQ(LastBody(), kBlob);
  EXPECT_EQ(transport_.Sent("Authorization").back(), "Bearer t");
}

TEST_F(PushTest, WhatIsGivenUpIsCancelled) {
  transport_.On("PUT " + Closing(kSession, kBlob),
                {{.status = 400, .body = R"({"errors":[{"code":"DIGEST_INVALID"}]})"}});
  const auto pushed = Push();
  ASSERT_FALSE(pushed.has_value());
  EXPECT_EQ(pushed.error().id, "registry.status");
  EXPECT_THAT(pushed.error().message, HasSubstr("DIGEST_INVALID"));
  EXPECT_THAT(transport_.Methods(), ElementsAre("HEAD", "POST", "PUT", "DELETE"));
}

TEST_F(PushTest, ARegistryThatStoredSomethingElse) {
  transport_.On(
      "PUT " + Closing(kSession, kBlob),
      {{.status = 201, .headers = {{"Docker-Content-Digest", oci::Digest::Of("x").ToString()}}}});
  EXPECT_EQ(IdOf(Push()), "digest.mismatch");
}

TEST_F(PushTest, MountedFromANeighbour) {
  const std::string mount =
      kUploads + "?mount=" + PercentEncode(oci::Digest::Of(kBlob).ToString()) + "&from=lib%2Fbase";
  transport_.On("POST " + mount, {{.status = 201}});
  EXPECT_EQ(Push(kBlob, "lib/base"), BlobPush::kMounted);
  EXPECT_THAT(transport_.Methods(), ElementsAre("POST"));

  transport_.On("POST " + mount, {Accept("u1?_state=a%2Bb%3D%3d")});
  EXPECT_EQ(Push(kBlob, "lib/base"), BlobPush::kUploaded);

  for (const int status : {400, 401, 403, 404, 405}) {
    transport_.On("POST " + mount, {{.status = status}});
    EXPECT_EQ(Push(kBlob, "lib/base"), BlobPush::kUploaded) << status;
  }
}

TEST_F(PushTest, AMountAsksForBothRepositories) {
  const std::string mount =
      kUploads + "?mount=" + PercentEncode(oci::Digest::Of(kBlob).ToString()) + "&from=lib%2Fbase";
  transport_.On("POST " + mount,
                {{.status = 401,
                  .headers = {{"WWW-Authenticate", R"(Bearer realm="https://auth.test/token")"}}},
                 {.status = 201}});
  transport_.On(
      "https://auth.test/"
      "token?scope=repository%3Aapp%3Apull%2Cpush&scope=repository%3Alib%2Fbase%3Apull",
      {{.body = R"({"token":"t"})"}});
  EXPECT_EQ(Push(kBlob, "lib/base"), BlobPush::kMounted);
}

// Uploads in chunks of at least the size that the registry names.
class ChunkTest : public PushTest {
 protected:
  ChunkTest() : bytes_(kUploadChunk * 2 + 5, 'c') {
    transport_.On("HEAD " + BlobUrl(bytes_), {{.status = 404}});
    Reply start = Accept("/u/0");
    start.headers.Add("OCI-Chunk-Min-Length", "1024");
    transport_.On("POST " + kUploads, {start});
    for (int i = 0; i < 3; ++i) {
      transport_.On(fmt::format("PATCH https://registry.test/u/{}", i),
                    {Accept(fmt::format("/u/{}", i + 1))});
    }
    transport_.On("PUT " + Closing("https://registry.test/u/3", bytes_), {{.status = 201}});
  }

  const std::string bytes_;
};

TEST_F(ChunkTest, InOrderWithTheLatestLocation) {
  EXPECT_EQ(Push(bytes_), BlobPush::kUploaded);
  EXPECT_THAT(transport_.Sent("Content-Range"),
              ElementsAre("-", "-", "0-8388607", "8388608-16777215", "16777216-16777220", "-"));
  EXPECT_THAT(transport_.Methods(), ElementsAre("HEAD", "POST", "PATCH", "PATCH", "PATCH", "PUT"));
}

TEST_F(ChunkTest, ASmallBlobGoesInOnePiece) {
  Reply start = Accept("u1?_state=a%2Bb%3D%3d");
  start.headers.Add("OCI-Chunk-Min-Length", "1024");
  transport_.On("POST " + kUploads, {start});
  EXPECT_EQ(Push(), BlobPush::kUploaded);
  EXPECT_THAT(transport_.Methods(), ElementsAre("HEAD", "POST", "PUT"));
}

TEST_F(ChunkTest, GoesOnWhereTheRegistryStands) {
  transport_.On("PATCH https://registry.test/u/1", {Fault("transport.closed"), Accept("/u/2")});
  transport_.On("GET https://registry.test/u/1",
                {{.status = 204, .headers = {{"Range", "0-8388607"}}}});
  EXPECT_EQ(Push(bytes_), BlobPush::kUploaded);
  EXPECT_THAT(transport_.Methods(),
              ElementsAre("HEAD", "POST", "PATCH", "PATCH", "GET", "PATCH", "PATCH", "PUT"));
}

TEST_F(ChunkTest, WhatWasNotStoredIsSentAgain) {
  transport_.On("PATCH https://registry.test/u/0", {Accept("/u/1", "0-99")});
  transport_.On("PATCH https://registry.test/u/2", {Accept("/u/3", "0-16777220")});
  EXPECT_EQ(Push(bytes_), BlobPush::kUploaded);
  EXPECT_THAT(transport_.Sent("Content-Range"),
              ElementsAre("-", "-", "0-8388607", "100-8388707", "8388708-16777220", "-"));
}

TEST_F(ChunkTest, OutOfStepAsksWhereItStands) {
  transport_.On("PATCH https://registry.test/u/1", {{.status = 416}, Accept("/u/2")});
  transport_.On("GET https://registry.test/u/1",
                {{.status = 204, .headers = {{"Location", "/u/1"}, {"Range", "0-8388607"}}}});
  EXPECT_EQ(Push(bytes_), BlobPush::kUploaded);
}

TEST_F(ChunkTest, ALostSessionBeginsAnew) {
  transport_.On("PATCH https://registry.test/u/1", {{.status = 404}, Accept("/u/2")});
  EXPECT_EQ(Push(bytes_), BlobPush::kUploaded);
  EXPECT_THAT(transport_.Methods(), ElementsAre("HEAD", "POST", "PATCH", "PATCH", "HEAD", "POST",
                                                "PATCH", "PATCH", "PATCH", "PUT"));
}

TEST_F(ChunkTest, ARegistryThatStoresNothingIsGivenUp) {
  transport_.On("PATCH https://registry.test/u/0", {Accept("/u/0", "0-0")});
  transport_.On("GET https://registry.test/u/0", {{.status = 204}});
  transport_.On("DELETE https://registry.test/u/0", {{.status = 405}});
  EXPECT_EQ(IdOf(Push(bytes_)), "registry.upload");
  EXPECT_EQ(transport_.Methods().back(), "DELETE");
}

TEST_F(ChunkTest, APieceThatIsTooLargeIsCut) {
  transport_.On("POST " + kUploads, {Accept("/u/0")});
  transport_.On("PUT " + Closing("https://registry.test/u/0", bytes_), {{.status = 413}});
  EXPECT_EQ(Push(bytes_), BlobPush::kUploaded);
  EXPECT_THAT(transport_.Methods(),
              ElementsAre("HEAD", "POST", "PUT", "HEAD", "POST", "PATCH", "PATCH", "PATCH", "PUT"));
}

class ManifestPushTest : public PushTest {
 protected:
  const std::string manifest_ = std::string(kManifest);
  const oci::Digest digest_ = oci::Digest::Of(kManifest);
};

TEST_F(ManifestPushTest, GoesToItsTag) {
  transport_.On("PUT https://registry.test/v2/app/manifests/v1",
                {{.status = 201, .headers = {{"Docker-Content-Digest", digest_.ToString()}}}});
  const auto pushed =
      client_.PushManifest(Ref("registry.test/app:v1"), manifest_, oci::media::kImageManifest);
  ASSERT_TRUE(pushed.has_value());
  EXPECT_EQ(pushed->digest, digest_);
  EXPECT_FALSE(pushed->subject_is_listed);
  EXPECT_EQ(LastBody(), manifest_);
  EXPECT_EQ(transport_.Sent("Content-Type").back(), oci::media::kImageManifest);
}

TEST_F(ManifestPushTest, GoesToItsDigest) {
  transport_.On("PUT https://registry.test/v2/app/manifests/" + digest_.ToString(),
                {{.status = 201, .headers = {{"OCI-Subject", digest_.ToString()}}}});
  const auto pushed = client_.PushManifest(Ref("registry.test/app@" + digest_.ToString()),
                                           manifest_, oci::media::kImageManifest);
  ASSERT_TRUE(pushed.has_value());
  EXPECT_TRUE(pushed->subject_is_listed);
}

TEST_F(ManifestPushTest, NotUnderAnotherDigest) {
  EXPECT_EQ(IdOf(client_.PushManifest(Ref("registry.test/app@" + oci::Digest::Of("x").ToString()),
                                      manifest_, oci::media::kImageManifest)),
            "digest.mismatch");
  EXPECT_THAT(transport_.Methods(), ElementsAre());
}

TEST_F(ManifestPushTest, ARegistryThatAltersIt) {
  transport_.On(
      "PUT https://registry.test/v2/app/manifests/v1",
      {{.status = 201, .headers = {{"Docker-Content-Digest", oci::Digest::Of("x").ToString()}}}});
  EXPECT_EQ(IdOf(client_.PushManifest(Ref("registry.test/app:v1"), manifest_,
                                      oci::media::kImageManifest)),
            "digest.mismatch");
}

TEST_F(ManifestPushTest, IsSentAgainAfterAFailure) {
  transport_.On("PUT https://registry.test/v2/app/manifests/v1",
                {{.status = 500}, Fault("transport.closed"), {.status = 201}});
  EXPECT_EQ(IdOf(client_.PushManifest(Ref("registry.test/app:v1"), manifest_,
                                      oci::media::kImageManifest)),
            "ok");
  EXPECT_EQ(LastBody(), manifest_);
}

TEST_F(ManifestPushTest, IsDeleted) {
  const std::string url = "https://registry.test/v2/app/manifests/" + digest_.ToString();
  transport_.On("DELETE " + url, {{.status = 202}, {.status = 404}});
  const oci::Reference reference = Ref("registry.test/app:v1@" + digest_.ToString());
  EXPECT_EQ(IdOf(client_.DeleteManifest(reference)), "ok");
  EXPECT_EQ(IdOf(client_.DeleteManifest(reference)), "registry.not-found");
}

}  // namespace
}  // namespace pullproof::resolver::registry_client

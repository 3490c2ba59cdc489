// Blobs through the whole client: streaming, verification, and going on after a cut.
#include "resolver/registry_client/blob_transfer.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resolver/registry_client/retry.h"
#include "tests/resolver/registry_client/client_fixture.h"

namespace pullproof::resolver::registry_client {
namespace {

using testing::ElementsAre;

std::string MakeBytes(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>((i * 31 + i / 256) % 251);
  return bytes;
}

class BlobTest : public ClientTest {
 protected:
  void Script(std::vector<Reply> replies) {
    transport_.On("https://registry.test/v2/app/blobs/" + blob_.digest.ToString(),
                  std::move(replies));
  }
  std::string Pull() { return Pull(blob_); }
  std::string Pull(const oci::Descriptor& descriptor) {
    got_.clear();
    restarts_ = 0;
    return IdOf(client_.GetBlob(
        Ref("registry.test/app"), descriptor,
        [this](std::string_view bytes) -> Result<void> {
          got_ += bytes;
          return {};
        },
        [this]() -> Result<void> {
          ++restarts_;
          got_.clear();
          return {};
        }));
  }

  [[nodiscard]] Reply Whole() const {
    return {.headers = {{"Content-Length", std::to_string(bytes_.size())}}, .body = bytes_};
  }
  [[nodiscard]] Reply Part(std::size_t from, std::size_t to) const {
    return {
        .status = 206,
        .headers = {{"Content-Range", fmt::format("bytes {}-{}/{}", from, to - 1, bytes_.size())}},
        .body = bytes_.substr(from, to - from)};
  }
  [[nodiscard]] Reply Rest(std::size_t from) const { return Part(from, bytes_.size()); }

  const std::string bytes_ = MakeBytes(5000);
  const oci::Descriptor blob_ = DescriptorOf(bytes_);
  std::string got_;
  int restarts_ = 0;
};

TEST_F(BlobTest, OneRequestBringsTheBytes) {
  Script({Whole()});
  EXPECT_EQ(Pull(), "ok");
  EXPECT_EQ(got_, bytes_);
  ASSERT_EQ(transport_.requests().size(), 1U);
  EXPECT_EQ(transport_.requests()[0].method, "GET");
  // No Accept: stores behind registries know nothing of manifests' types.
  EXPECT_EQ(transport_.requests()[0].headers,
            (oci::Headers{{"User-Agent", "pullproof/0.1.0"}, {"Accept-Encoding", "identity"}}));
}

TEST_F(BlobTest, Empty) {
  const oci::Descriptor empty = DescriptorOf("");
  transport_.On("https://registry.test/v2/app/blobs/" + empty.digest.ToString(),
                {{.headers = {{"Content-Length", "0"}}}});
  EXPECT_EQ(Pull(empty), "ok");
  EXPECT_EQ(got_, "");
}

TEST_F(BlobTest, Sha512) {
  oci::Descriptor blob = blob_;
  blob.digest = oci::Digest::Of(bytes_, oci::Algorithm::kSha512);
  transport_.On("https://registry.test/v2/app/blobs/" + blob.digest.ToString(), {Whole()});
  EXPECT_EQ(Pull(blob), "ok");
}

TEST_F(BlobTest, EmbeddedDataNeedsNoRequest) {
  oci::Descriptor blob = blob_;
  blob.data = bytes_;
  EXPECT_EQ(Pull(blob), "ok");
  EXPECT_EQ(got_, bytes_);
  blob.data = std::string(bytes_.size(), 'x');
  EXPECT_EQ(Pull(blob), "digest.mismatch");
  EXPECT_EQ(got_, "");
  EXPECT_TRUE(transport_.requests().empty());
}

struct Wrong {
  const char* name;
  Reply reply;
  const char* id;
};
class WrongBlobTest : public BlobTest, public testing::WithParamInterface<Wrong> {};

TEST_P(WrongBlobTest, IsRefusedAfterOneRequest) {
  Script({GetParam().reply});
  EXPECT_EQ(Pull(), GetParam().id);
  EXPECT_EQ(transport_.requests().size(), 1U);
}

const std::string kRight = MakeBytes(5000);
INSTANTIATE_TEST_SUITE_P(
    Table, WrongBlobTest,
    testing::Values(
        Wrong{"OtherBytes", {.body = std::string(5000, 'x')}, "digest.mismatch"},
        Wrong{"OneMore", {.body = kRight + "x"}, "size.mismatch"},
        Wrong{"OneLess", {.body = kRight.substr(1)}, "size.mismatch"},
        Wrong{"Nothing", {}, "size.mismatch"},
        Wrong{"LengthLies",
              {.headers = {{"Content-Length", "5001"}}, .body = kRight},
              "size.mismatch"},
        Wrong{"NoContent", {.status = 204}, "registry.status"},
        Wrong{"PartUnasked",
              {.status = 206, .headers = {{"Content-Range", "bytes 0-4999/5000"}}, .body = kRight},
              "registry.status"},
        Wrong{"NotFoundWithTheRightBytes", {.status = 404, .body = kRight}, "registry.not-found"}),
    [](const auto& row) { return row.param.name; });

TEST_F(BlobTest, ALengthMeansNothingBesideATransferCoding) {
  Reply reply = Whole();
  reply.headers = {{"Content-Length", "1"}, {"Transfer-Encoding", "chunked"}};
  Script({reply});
  EXPECT_EQ(Pull(), "ok");
}

TEST_F(BlobTest, ALengthMayBeSaidTwice) {
  Reply reply = Whole();
  reply.headers = {{"Content-Length", "05000, 5000"}};
  Script({reply});
  EXPECT_EQ(Pull(), "ok");
}

TEST_F(BlobTest, SurplusIsNotShownToTheSink) {
  oci::Descriptor small = blob_;
  small.size = 3;
  Script({{.body = bytes_}});
  EXPECT_EQ(Pull(small), "size.mismatch");
  EXPECT_LE(got_.size(), 3U);
}

TEST_F(BlobTest, TheSinksErrorIsTheResult) {
  Script({Whole()});
  const auto result = client_.GetBlob(
      Ref("registry.test/app"), blob_,
      [](std::string_view) { return Result<void>(Fail("file.no-space", "full", "/x")); },
      [] { return Result<void>(); });
  EXPECT_EQ(result.error(), (Error{"file.no-space", "full", "/x", ""}));
  EXPECT_EQ(transport_.requests().size(), 1U);
}

TEST_F(BlobTest, TheRestartsErrorIsTheResult) {
  Script({Cut(Whole(), 1000), Whole()});
  const auto result = client_.GetBlob(
      Ref("registry.test/app"), blob_, [](std::string_view) { return Result<void>(); },
      [] { return Result<void>(Fail("file.io", "cannot", "/x")); });
  EXPECT_EQ(result.error(), (Error{"file.io", "cannot", "/x", ""}));
}

TEST_F(BlobTest, ErrorsNameTheBlob) {
  Script({{.status = 404}});
  const auto bytes = client_.GetBlobBytes(Ref("registry.test/app:v1"), blob_, 5000);
  EXPECT_EQ(bytes.error().where, "registry.test/app@" + blob_.digest.ToString());
}

TEST_F(BlobTest, GoesOnWhereItWasCut) {
  Script({Cut(Whole(), 2000), Rest(2000)});
  EXPECT_EQ(Pull(), "ok");
  EXPECT_EQ(got_, bytes_);
  EXPECT_EQ(restarts_, 0);
  EXPECT_THAT(transport_.Sent("Range"), ElementsAre("-", "bytes=2000-"));
  EXPECT_GE(SecondsWaited(), 0.25);
}

TEST_F(BlobTest, GoesOnAfterSeveralCuts) {
  Script({Cut(Whole(), 2000), Cut(Rest(2000), 1000), Fault("transport.closed"), Rest(3000)});
  EXPECT_EQ(Pull(), "ok");
  EXPECT_EQ(got_, bytes_);
  EXPECT_THAT(transport_.Sent("Range"),
              ElementsAre("-", "bytes=2000-", "bytes=3000-", "bytes=3000-"));
}

TEST_F(BlobTest, ACutBeforeAnyByteAsksForTheWhole) {
  Script({Cut(Whole(), 0), Whole()});
  EXPECT_EQ(Pull(), "ok");
  EXPECT_THAT(transport_.Sent("Range"), ElementsAre("-", "-"));
  EXPECT_EQ(restarts_, 0);
}

TEST_F(BlobTest, AServerMaySendLessThanTheRest) {
  Script({Cut(Whole(), 2000), Part(2000, 3000), Part(3000, 4000), Rest(4000)});
  EXPECT_EQ(Pull(), "ok");
  EXPECT_EQ(got_, bytes_);
}

TEST_F(BlobTest, CrumbsAreNotEatenForEver) {
  std::vector<Reply> replies = {Cut(Whole(), 10)};
  for (std::size_t i = 10; i < 100; ++i) replies.push_back(Part(i, i + 1));
  Script(replies);
  EXPECT_EQ(Pull(), "registry.range");
  EXPECT_EQ(transport_.requests().size(), static_cast<std::size_t>(kMaxTriesInAll));
}

TEST_F(BlobTest, APartOfNothingEnds) {
  Reply nothing = Rest(2000);
  nothing.body.clear();
  Script({Cut(Whole(), 2000), nothing});
  EXPECT_EQ(Pull(), "registry.range");
  EXPECT_EQ(transport_.requests().size(), 2U);
}

TEST_F(BlobTest, AServerThatIgnoresRangeStartsAgain) {
  Script({Cut(Whole(), 2000), Whole()});
  EXPECT_EQ(Pull(), "ok");
  EXPECT_EQ(got_, bytes_);
  EXPECT_EQ(restarts_, 1);
  EXPECT_THAT(transport_.Sent("Range"), ElementsAre("-", "bytes=2000-"));
}

TEST_F(BlobTest, ARefusedRangeStartsAgain) {
  for (const int status : {416, 400}) {
    Script({Cut(Whole(), 2000), {.status = status}, Whole()});
    EXPECT_EQ(Pull(), "ok") << status;
    EXPECT_EQ(got_, bytes_);
    EXPECT_EQ(restarts_, 1);
  }
  EXPECT_THAT(transport_.Sent("Range"),
              ElementsAre("-", "bytes=2000-", "-", "-", "bytes=2000-", "-"));
}

TEST_F(BlobTest, AnotherStatusToARangeIsFinal) {
  Script({Cut(Whole(), 2000), {.status = 404}});
  EXPECT_EQ(Pull(), "registry.not-found");
}

TEST_F(BlobTest, AWrongOrMissingContentRangeStartsAgain) {
  for (const char* value :
       {"", "bytes 0-4999/5000", "bytes 2001-4999/5000", "bytes */5000", "lines 2000-4999/5000"}) {
    Reply wrong = Rest(2000);
    wrong.headers = {};
    if (*value != 0) wrong.headers.Add("Content-Range", value);
    Script({Cut(Whole(), 2000), wrong, Whole()});
    EXPECT_EQ(Pull(), "ok") << value;
    EXPECT_EQ(got_, bytes_);
    EXPECT_EQ(restarts_, 1);
  }
}

TEST_F(BlobTest, APartOfAnotherBlobIsRefused) {
  for (const char* value : {"bytes 2000-4999/6000", "bytes 2000-5999/6000", "bytes 2000-5000/*"}) {
    Reply wrong = Rest(2000);
    wrong.headers = {{"Content-Range", value}};
    Script({Cut(Whole(), 2000), wrong});
    EXPECT_EQ(Pull(), "size.mismatch") << value;
  }
}

TEST_F(BlobTest, AnUnknownTotalIsAccepted) {
  Reply rest = Rest(2000);
  rest.headers = {{"Content-Range", "bytes 2000-4999/*"}};
  Script({Cut(Whole(), 2000), rest});
  EXPECT_EQ(Pull(), "ok");
}

TEST_F(BlobTest, OtherBytesInThePartAreRefused) {
  Reply other = Rest(2000);
  other.body = std::string(3000, 'x');
  Script({Cut(Whole(), 2000), other});
  EXPECT_EQ(Pull(), "digest.mismatch");
}

TEST_F(BlobTest, MoreBytesThanThePartAreRefused) {
  Reply more = Rest(2000);
  more.body += 'x';
  Script({Cut(Whole(), 2000), more});
  EXPECT_EQ(Pull(), "size.mismatch");
}

TEST_F(BlobTest, AllBytesWithoutAnEndAreNotTheBlob) {
  Script({Cut(Whole(), 5000), Whole()});
  EXPECT_EQ(Pull(), "ok");
  EXPECT_EQ(restarts_, 1);
  EXPECT_THAT(transport_.Sent("Range"), ElementsAre("-", "-"));
  Script({Cut(Whole(), 5000)});
  EXPECT_EQ(Pull(), "transport.truncated");
  EXPECT_EQ(restarts_, kMaxRestarts);
}

TEST_F(BlobTest, AServerThatNeverServesTheWholeIsLeft) {
  Script({Cut(Whole(), 2000), {.status = 416}, Cut(Whole(), 3000)});
  EXPECT_EQ(Pull(), "transport.truncated");
  EXPECT_EQ(restarts_, kMaxRestarts);
}

TEST_F(BlobTest, RangeSurvivesARedirect) {
  Script({Cut(Whole(), 2000), {.status = 307, .headers = {{"Location", "https://cdn.test/x"}}}});
  transport_.On("https://cdn.test/x", {Rest(2000)});
  EXPECT_EQ(Pull(), "ok");
  EXPECT_THAT(transport_.Sent("Range"), ElementsAre("-", "bytes=2000-", "bytes=2000-"));
}

TEST_F(BlobTest, IntoMemory) {
  Script({Cut(Whole(), 2000), Whole()});
  EXPECT_EQ(client_.GetBlobBytes(Ref("registry.test/app"), blob_, 5000), bytes_);
}

TEST_F(BlobTest, TooLargeForMemoryIsNotAskedFor) {
  oci::Descriptor huge = blob_;
  huge.size = std::uint64_t{1} << 62;
  EXPECT_EQ(IdOf(client_.GetBlobBytes(Ref("registry.test/app"), huge, 5000)), "limit.bytes");
  EXPECT_TRUE(transport_.requests().empty());
}

}  // namespace
}  // namespace pullproof::resolver::registry_client

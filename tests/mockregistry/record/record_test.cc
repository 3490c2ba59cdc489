// What goes through the proxy comes back out of the fixture, byte for byte, and nothing else does.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "mockregistry/content/byte_source.h"
#include "mockregistry/record/recorder.h"
#include "mockregistry/registry.h"
#include "mockregistry/scenario.h"

namespace pullproof::mockregistry::record {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A small and a large blob, a redirect to a host with a signed URL, and a token that is wanted.
constexpr std::string_view kUpstream = R"(
fixture = 1
id = "record.upstream"
blobs.small = "hello"
blobs.large = { random = "20KiB" }
blobs.bytes = { hex = "00ff00ff" }
manifests.app = { image = { layers = ["small", "large", "bytes"] } }
manifests.many = { index = ["app"] }
repos."lib/app" = { tags = { "1.0" = "app", "many" = "many" } }
[[rules]]
id = "storage"
on = { op = "blob.get", name = "large", host = "registry" }
do = { redirect = { host = "cdn", query = { X-Amz-Signature = "hunter2" } }, headers = { Set-Cookie = "session=hunter2" } }
[[rules]]
id = "flip"
on = { op = "blob.get", name = "app.config" }
do = { body = { flip_bit = 8 } }
[hosts.cdn]
name = "localhost"
serves = "blobs"
rejects = { header = { Authorization = { present = true } }, status = 418 }
[auth.registry]
scheme = "basic"
users = { alice = "hunter2" }
)";

std::shared_ptr<const Scenario> Load(std::string_view text, const std::string& name,
                                     const std::filesystem::path& directory = ".") {
  Diagnostics problems(name);
  auto scenario = LoadScenario(text, name, directory, problems);
  for (const Diagnostic& problem : problems.all()) {
    ADD_FAILURE() << FormatDiagnostic(problems, problem);
  }
  return scenario;
}

class RecordTest : public testing::Test {
 protected:
  void SetUp() override {
    auto started = Registry::Start(Load(kUpstream, "upstream.toml"));
    ASSERT_TRUE(started) << Describe(started.error());
    upstream_ = *std::move(started);
    auto recorder =
        Recorder::Start(Upstream::At("http://" + upstream_->Authority()).value(), 0, clock_);
    ASSERT_TRUE(recorder) << Describe(recorder.error());
    recorder_ = *std::move(recorder);
    proxy_.emplace(Upstream::At(recorder_->Url()).value());
  }

  [[nodiscard]] std::string DigestOf(std::string_view name) const {
    return upstream_->scenario().content.DigestOfName(name)->ToString();
  }

  // Through the proxy, as a client asks.
  UpstreamAnswer Ask(const std::string& target, const std::string& method = "GET") {
    api::Request request;
    request.method = method;
    request.target = target;
    // "alice:hunter2"
    request.headers = {{"Authorization", "Basic YWxpY2U6aHVudGVyMg=="}, {"Range", "bytes=1-2"}};
    auto answer = proxy_->Ask(request);
    EXPECT_TRUE(answer) << Describe(answer.error());
    return answer ? *std::move(answer) : UpstreamAnswer{};
  }

  UpstreamAnswer AskBlob(std::string_view name) {
    return Ask("/v2/lib/app/blobs/" + DigestOf(name));
  }

  SystemClock clock_;
  std::unique_ptr<Registry> upstream_;
  std::unique_ptr<Recorder> recorder_;
  std::optional<Upstream> proxy_;
};

TEST_F(RecordTest, TheFixtureServesTheSameBytes) {
  EXPECT_EQ(Ask("/v2/lib/app/manifests/1.0", "HEAD").status, 200);
  EXPECT_EQ(Ask("/v2/lib/app/manifests/" + DigestOf("app")).status, 200);
  EXPECT_EQ(Ask("/v2/lib/app/manifests/many").status, 200);
  EXPECT_EQ(AskBlob("small").body, "hello");
  EXPECT_EQ(AskBlob("large").body.size(), 20U * 1024);
  EXPECT_EQ(AskBlob("bytes").body.size(), 4U);
  EXPECT_EQ(Ask("/v2/lib/app/manifests/absent").status, 404);
  EXPECT_THAT(recorder_->recording().left_out(), IsEmpty());
  EXPECT_EQ(recorder_->recording().Summary(), "2 manifests and 3 blobs of 1 repositories");

  auto directory = TemporaryDirectory::Create("record_test");
  ASSERT_TRUE(directory);
  SystemFileSystem files;
  const auto file = directory->path() / "recorded.json";
  ASSERT_TRUE(recorder_->recording().Write(files, file, "recorded", "Recorded"));
  const std::string text = *files.Read(file, 1 << 20);
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  EXPECT_THAT(text, Not(HasSubstr("YWxpY2U6aHVudGVyMg")));
  EXPECT_THAT(text, Not(HasSubstr("localhost")));
  EXPECT_EQ(files.List(directory->path() / "recorded.json.files")->size(), 1U);

  const auto again = Registry::InMemory(Load(text, "recorded.json", directory->path()));
  const auto serves = [&](const std::string& target, std::string_view name) {
    api::Request request;
    request.method = "GET";
    request.target = target;
    const script::Plan plan = again->Exchange(request);
    EXPECT_EQ(plan.response.status, 200) << target;
    EXPECT_EQ(content::DigestOf(*plan.response.body).ToString(), DigestOf(name)) << target;
    return plan.response.headers.Find("Content-Type");
  };
  EXPECT_EQ(serves("/v2/lib/app/manifests/1.0", "app"),
            "application/vnd.oci.image.manifest.v1+json");
  EXPECT_EQ(serves("/v2/lib/app/manifests/many", "many"),
            "application/vnd.oci.image.index.v1+json");
  serves("/v2/lib/app/manifests/" + DigestOf("app"), "app");
  for (const char* name : {"small", "large", "bytes"}) {
    serves("/v2/lib/app/blobs/" + DigestOf(name), name);
  }
}

TEST_F(RecordTest, WhatDoesNotHashToItsDigestIsLeftOut) {
  EXPECT_EQ(AskBlob("app.config").status, 200);
  EXPECT_THAT(
      recorder_->recording().left_out(),
      ElementsAre("blob " + DigestOf("app.config") + " has other bytes than its SHA-256 says"));
}

TEST_F(RecordTest, PassesOnWhatItDoesNotRecord) {
  const UpstreamAnswer head = Ask("/v2/lib/app/blobs/" + DigestOf("large"), "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.Find("Content-Length"), "20480");
  EXPECT_EQ(Ask("/v2/lib/app/tags/list").status, 200);
  EXPECT_EQ(Ask("/v2/lib/app/blobs/uploads/", "POST").status, 202);
  api::Request without_credentials;
  without_credentials.method = "GET";
  without_credentials.target = "/v2/";
  EXPECT_EQ(proxy_->Ask(without_credentials)->status, 401);
  EXPECT_EQ(recorder_->recording().Summary(), "0 manifests and 0 blobs of 0 repositories");
}

TEST_F(RecordTest, SaysThatTheUpstreamIsGone) {
  upstream_.reset();
  const UpstreamAnswer answer = Ask("/v2/");
  EXPECT_EQ(answer.status, 502);
  EXPECT_TRUE(recorder_->AwaitIdle(std::chrono::seconds(10)));
}

TEST(UpstreamTest, TakesOnlyTheUrlOfARegistry) {
  for (const char* good : {"http://127.0.0.1:1", "https://localhost", "http://[::1]:5000/"}) {
    EXPECT_TRUE(Upstream::At(good)) << good;
  }
  for (const char* bad :
       {"", "127.0.0.1:1", "ftp://127.0.0.1", "file:///etc", "http://", "http://user:pw@127.0.0.1",
        "http://127.0.0.1/v2", "http://127.0.0.1?x", "http://127.0.0.1\r\nX: y"}) {
    const auto upstream = Upstream::At(bad);
    ASSERT_FALSE(upstream) << bad;
    EXPECT_EQ(upstream.error().id, "record.url");
  }
}

TEST(RecordingTest, AFileThatCannotBeWrittenIsAnError) {
  SystemFileSystem files;
  EXPECT_FALSE(Recording().Write(files, "/dev/null/recorded.json", "a", "b"));
}

}  // namespace
}  // namespace pullproof::mockregistry::record

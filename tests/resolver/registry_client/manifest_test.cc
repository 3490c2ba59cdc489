// Manifests through the whole client: what is asked, what is checked, what is refused.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/resolver/registry_client/client_fixture.h"

namespace pullproof::resolver::registry_client {
namespace {

using testing::ElementsAre;

class ManifestTest : public ClientTest {
 protected:
  const std::string digest_ = oci::Digest::Of(kManifest).ToString();
  const oci::Reference by_digest_ = Ref("registry.test/app@" + digest_);
  const std::string digest_url_ = "https://registry.test/v2/app/manifests/" + digest_;

  static oci::Descriptor Child() {
    oci::Descriptor child = DescriptorOf(kManifest);
    child.media_type = oci::media::kImageManifest;
    return child;
  }
};

TEST_F(ManifestTest, OneRequestBringsTheBytes) {
  transport_.On(kManifestUrl, {ServeManifest()});
  const auto fetched = client_.GetManifest(Ref("registry.test/app:v1"));
  ASSERT_TRUE(fetched) << Describe(fetched.error());
  EXPECT_EQ(fetched->bytes, kManifest);
  EXPECT_EQ(fetched->media_type, oci::media::kImageManifest);
  EXPECT_EQ(fetched->digest, oci::Digest::Of(kManifest));
  EXPECT_TRUE(std::holds_alternative<oci::Manifest>(fetched->manifest));
  ASSERT_EQ(transport_.requests().size(), 1U);
  EXPECT_EQ(transport_.requests()[0].method, "GET");
  EXPECT_EQ(transport_.requests()[0].headers,
            (oci::Headers{{"Accept",
                           "application/vnd.oci.image.manifest.v1+json, "
                           "application/vnd.oci.image.index.v1+json, "
                           "application/vnd.docker.distribution.manifest.v2+json, "
                           "application/vnd.docker.distribution.manifest.list.v2+json"},
                          {"User-Agent", "pullproof/0.1.0"},
                          {"Accept-Encoding", "identity"}}));
}

TEST_F(ManifestTest, ADigestDecidesOverATag) {
  transport_.On(digest_url_, {ServeManifest()});
  EXPECT_EQ(IdOf(client_.GetManifest(Ref("registry.test/app:v1@" + digest_))), "ok");
  EXPECT_THAT(transport_.Urls(), ElementsAre(digest_url_));
}

TEST_F(ManifestTest, OtherBytesThanTheDigestAreRefused) {
  Reply reply = ServeManifest(std::string(kManifest) + " ");
  // That the registry says so, too, is no evidence.
  reply.headers.Add("Docker-Content-Digest", digest_);
  transport_.On(digest_url_, {reply});
  const auto fetched = client_.GetManifest(by_digest_);
  EXPECT_EQ(IdOf(fetched), "digest.mismatch");
  EXPECT_EQ(transport_.requests().size(), 1U);
}

TEST_F(ManifestTest, Sha512) {
  const oci::Digest digest = oci::Digest::Of(kManifest, oci::Algorithm::kSha512);
  transport_.On("https://registry.test/v2/app/manifests/" + digest.ToString(), {ServeManifest()});
  const auto fetched = client_.GetManifest(Ref("registry.test/app@" + digest.ToString()));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->digest, digest);
}

struct DigestHeader {
  const char* name;
  std::string value;
  const char* expected;
};
class DigestHeaderTest : public ManifestTest, public testing::WithParamInterface<DigestHeader> {};

TEST_P(DigestHeaderTest, IsCheckedWhenItSaysSomething) {
  Reply reply = ServeManifest();
  reply.headers.Add("docker-content-digest", GetParam().value);
  transport_.On(kManifestUrl, {reply});
  EXPECT_EQ(PullManifest(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, DigestHeaderTest,
    testing::Values(DigestHeader{"Right", oci::Digest::Of(kManifest).ToString(), "ok"},
                    DigestHeader{"RightInSha512",
                                 oci::Digest::Of(kManifest, oci::Algorithm::kSha512).ToString(),
                                 "ok"},
                    DigestHeader{"Wrong", oci::Digest::Of("x").ToString(), "digest.mismatch"},
                    DigestHeader{"Empty", "", "ok"}, DigestHeader{"Malformed", "sha256:zz", "ok"},
                    DigestHeader{"UnknownAlgorithm", "md5:00", "ok"}),
    [](const auto& row) { return row.param.name; });

TEST_F(ManifestTest, ReadingStopsAtTheBound) {
  transport_.On(kManifestUrl, {ServeManifest(std::string(oci::kMaxManifestBytes + 1, ' '))});
  EXPECT_EQ(PullManifest(), "manifest.too-large");
  EXPECT_EQ(transport_.requests().size(), 1U);
}

TEST_F(ManifestTest, WhatIsNoManifestIsRefused) {
  const auto id_for = [&](const char* type, std::string body) {
    transport_.On(kManifestUrl, {{.headers = {{"Content-Type", type}}, .body = std::move(body)}});
    return PullManifest();
  };
  EXPECT_EQ(id_for("text/html", "<html>"), "manifest.media-type");
  EXPECT_EQ(id_for(oci::media::kImageManifest.data(), "<html>"), "json.syntax");
  EXPECT_EQ(id_for(oci::media::kImageManifest.data(), ""), "json.syntax");
  EXPECT_EQ(id_for(oci::media::kImageIndex.data(), std::string(kManifest)), "manifest.media-type");
}

TEST_F(ManifestTest, ATypeMayHaveParametersOrBeMissing) {
  for (const oci::Headers& headers :
       {oci::Headers{{"content-type", "application/vnd.OCI.image.manifest.v1+json; charset=utf-8"}},
        oci::Headers{}}) {
    transport_.On(kManifestUrl, {{.headers = headers, .body = std::string(kManifest)}});
    EXPECT_EQ(PullManifest(), "ok");
  }
}

struct Status {
  int status;
  const char* id;
};
class ManifestStatusTest : public ManifestTest, public testing::WithParamInterface<Status> {};

TEST_P(ManifestStatusTest, IsAnErrorAfterOneRequest) {
  Reply reply = ServeManifest();  // that the body would be right does not matter
  reply.status = GetParam().status;
  transport_.On(kManifestUrl, {reply});
  EXPECT_EQ(PullManifest(), GetParam().id);
  EXPECT_EQ(transport_.requests().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ManifestStatusTest,
    testing::Values(Status{201, "registry.status"}, Status{204, "registry.status"},
                    Status{206, "registry.status"}, Status{304, "registry.status"},
                    Status{400, "registry.status"}, Status{401, "registry.unauthorized"},
                    Status{403, "registry.denied"}, Status{404, "registry.not-found"},
                    Status{406, "registry.status"}, Status{418, "registry.status"}),
    [](const auto& row) { return std::to_string(row.param.status); });

struct Refusal {
  const char* name;
  std::string body;
  std::string message;
};
class RefusalTest : public ManifestTest, public testing::WithParamInterface<Refusal> {};

TEST_P(RefusalTest, IsQuotedSafely) {
  transport_.On(kManifestUrl, {{.status = 404, .body = GetParam().body}});
  const auto fetched = client_.GetManifest(Ref("registry.test/app:v1"));
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().message, GetParam().message);
  EXPECT_EQ(fetched.error().where, "registry.test/app:v1");
}

INSTANTIATE_TEST_SUITE_P(
    Table, RefusalTest,
    testing::Values(
        Refusal{"Envelope", R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"no such tag"}]})",
                "the registry answered 404: MANIFEST_UNKNOWN: no such tag"},
        Refusal{"UnknownCode", R"({"errors":[{"code":"WHATEVER"}]})",
                "the registry answered 404: WHATEVER"},
        Refusal{"OnlyMessage", R"({"errors":[{"message":"gone"}]})",
                "the registry answered 404: gone"},
        Refusal{"NoErrors", R"({"errors":[]})", R"(the registry answered 404: {"errors":[]})"},
        Refusal{"OtherShape", R"({"errors":"x"})", R"(the registry answered 404: {"errors":"x"})"},
        Refusal{"Empty", "", "the registry answered 404"},
        Refusal{"Text", "404 page not found\n", "the registry answered 404: 404 page not found"},
        Refusal{"Page", "<html>long</html>", "the registry answered 404: a web page"},
        Refusal{"TerminalEscapes", R"({"errors":[{"code":"X","message":"\u001b[2J"}]})",
                "the registry answered 404: X: \\x1b[2J"},
        Refusal{"Long", std::string(100'000, 'x'),
                "the registry answered 404: " + std::string(300, 'x') + "..."}),
    [](const auto& row) { return row.param.name; });

TEST_F(ManifestTest, ACutAnswerIsAskedForAgain) {
  transport_.On(kManifestUrl, {Cut(ServeManifest(), 100), ServeManifest()});
  EXPECT_EQ(PullManifest(), "ok");
}

TEST_F(ManifestTest, AChildIsWhatItsDescriptorSays) {
  transport_.On(digest_url_, {ServeManifest()});
  const auto fetched = client_.GetManifest(Ref("registry.test/app:v1"), Child());
  ASSERT_TRUE(fetched) << Describe(fetched.error());
  EXPECT_EQ(fetched->bytes, kManifest);
}

TEST_F(ManifestTest, AChildOfAnotherSizeIsRefused) {
  transport_.On(digest_url_, {ServeManifest()});
  for (const std::uint64_t size : {kManifest.size() - 1, kManifest.size() + 1}) {
    oci::Descriptor child = Child();
    child.size = size;
    EXPECT_EQ(IdOf(client_.GetManifest(Ref("registry.test/app:v1"), child)), "size.mismatch");
  }
}

TEST_F(ManifestTest, AChildOfAnotherTypeIsRefused) {
  transport_.On(digest_url_, {ServeManifest()});
  oci::Descriptor child = Child();
  child.media_type = oci::media::kDockerManifest;
  EXPECT_EQ(IdOf(client_.GetManifest(Ref("registry.test/app:v1"), child)), "manifest.media-type");
}

TEST_F(ManifestTest, AChildTooLargeIsNotAskedFor) {
  oci::Descriptor child = Child();
  child.size = oci::kMaxManifestBytes + 1;
  EXPECT_EQ(IdOf(client_.GetManifest(Ref("registry.test/app:v1"), child)), "manifest.too-large");
  EXPECT_TRUE(transport_.requests().empty());
}

}  // namespace
}  // namespace pullproof::resolver::registry_client

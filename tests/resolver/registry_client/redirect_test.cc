// Redirects: where to, and what is left behind.
#include "resolver/registry_client/redirect.h"

#include <string>
#include <vector>

#include <arpa/inet.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/resolver/registry_client/client_fixture.h"

namespace pullproof::resolver::registry_client {
namespace {

using testing::ElementsAre;

std::string FollowFrom(const char* from, oci::Headers headers) {
  const Url url = *Url::Parse(from);
  const auto next = Follow(url, {.status = 307, .headers = std::move(headers)}, url);
  return next ? next->ToString() : next.error().id;
}

TEST(Follow, GoesOnlyWhereItShould) {
  const auto from_https = [](const char* location) {
    return FollowFrom("https://registry.test/v2/a/blobs/x?y", {{"Location", location}});
  };
  EXPECT_EQ(from_https("https://cdn.test/a%2Fb?sig=+%2f"), "https://cdn.test/a%2Fb?sig=+%2f");
  EXPECT_EQ(from_https("../../../cdn/x"), "https://registry.test/cdn/x");
  EXPECT_EQ(from_https("/x"), "https://registry.test/x");
  EXPECT_EQ(from_https("//cdn.test/x"), "https://cdn.test/x");
  EXPECT_EQ(from_https("http://cdn.test/"), "redirect.downgrade");
  EXPECT_EQ(from_https("http://registry.test/"), "redirect.downgrade");
  EXPECT_EQ(from_https("file:///etc/passwd"), "redirect.scheme");
  EXPECT_EQ(from_https("https://user:password@cdn.test/"), "redirect.user");
  EXPECT_EQ(from_https("http://[::bad"), "redirect.location");
  EXPECT_EQ(from_https("https://cdn.test/a b"), "redirect.location");
  EXPECT_EQ(from_https(""), "redirect.location");
  EXPECT_EQ(FollowFrom("https://registry.test/", {}), "redirect.location");
  EXPECT_EQ(FollowFrom("http://registry.test/x", {{"location", "https://registry.test/x"}}),
            "https://registry.test/x");
}

// Made from bytes: no test names an address that something could be dialled at.
TEST(Follow, NotToALinkLocalAddress) {
  const in_addr address{.s_addr = htonl(0xA9FE0001)};
  const std::string host = inet_ntoa(address);
  EXPECT_EQ(FollowFrom("http://registry.test/", {{"Location", "http://" + host + "/x"}}),
            "redirect.link-local");
  EXPECT_EQ(FollowFrom(("http://" + host + "/").c_str(), {{"Location", "http://" + host + "/x"}}),
            "http://" + host + "/x");
}

class RedirectTest : public ClientTest {
 protected:
  RedirectTest()
      : ClientTest({.credentials = {{"registry.test", {"user", "pass"}}}, .plain_http = {}}) {}

  static Reply To(std::string location, int status = 307) {
    return {.status = status, .headers = {{"Location", std::move(location)}}};
  }
  static Reply Challenge() {
    return {.status = 401, .headers = {{"WWW-Authenticate", R"(Basic realm="x")"}}};
  }
  std::string PullBlob() {
    const auto bytes = client_.GetBlobBytes(Ref("registry.test/app"), blob_, 100);
    return bytes ? *bytes : bytes.error().id;
  }

  const oci::Descriptor blob_ = DescriptorOf("hello");
  const std::string url_ = "https://registry.test/v2/app/blobs/" + blob_.digest.ToString();
};

TEST_F(RedirectTest, EveryStatusThatIsOne) {
  for (const int status : {301, 302, 303, 307, 308}) {
    transport_.On(url_, {To("https://cdn.test/x?sig=%2F", status)});
    transport_.On("https://cdn.test/x?sig=%2F", {{.body = "hello"}});
    EXPECT_EQ(PullBlob(), "hello") << status;
  }
}

TEST_F(RedirectTest, OtherStatusesAreNot) {
  for (const int status : {300, 304, 305, 306}) {
    transport_.On(url_, {To("https://cdn.test/x", status)});
    EXPECT_EQ(PullBlob(), "registry.status") << status;
  }
}

TEST_F(RedirectTest, AuthorizationStaysAtTheOrigin) {
  transport_.On(url_, {Challenge(), {.body = "hello"}});
  ASSERT_EQ(PullBlob(), "hello");  // from here on, the registry gets Authorization at once
  for (const char* location :
       {"https://cdn.test/x", "https://registry.test:8443/x", "https://sub.registry.test/x"}) {
    transport_.On(url_, {To(location)});
    transport_.On(location, {{.body = "hello"}});
    EXPECT_EQ(PullBlob(), "hello");
    const std::vector<std::string> sent = transport_.Sent("Authorization");
    EXPECT_EQ(sent[sent.size() - 2], "Basic dXNlcjpwYXNz") << location;
    EXPECT_EQ(sent.back(), "-") << location;
    EXPECT_EQ(transport_.Urls().back(), location);
  }
}

TEST_F(RedirectTest, AuthorizationGoesAlongWithinTheOrigin) {
  transport_.On(url_, {Challenge(), To("/elsewhere")});
  transport_.On("https://registry.test/elsewhere", {{.body = "hello"}});
  EXPECT_EQ(PullBlob(), "hello");
  EXPECT_THAT(transport_.Sent("Authorization"),
              ElementsAre("-", "Basic dXNlcjpwYXNz", "Basic dXNlcjpwYXNz"));
}

TEST_F(RedirectTest, AuthorizationDoesNotComeBack) {
  transport_.On(url_, {Challenge(), To("https://cdn.test/x")});
  transport_.On("https://cdn.test/x", {To("https://registry.test/trap")});
  transport_.On("https://registry.test/trap", {{.body = "hello"}});
  EXPECT_EQ(PullBlob(), "hello");
  EXPECT_THAT(transport_.Sent("Authorization"), ElementsAre("-", "Basic dXNlcjpwYXNz", "-", "-"));
}

TEST_F(RedirectTest, AnUpgradeToTlsGoesWithoutCredentials) {
  const std::string plain = "http://localhost:5000/v2/app/manifests/v1";
  transport_.On(plain, {To("https://localhost:5000/v2/app/manifests/v1", 308)});
  transport_.On("https://localhost:5000/v2/app/manifests/v1", {ServeManifest()});
  EXPECT_EQ(IdOf(client_.GetManifest(Ref("localhost:5000/app:v1"))), "ok");
}

TEST_F(RedirectTest, AChallengeOfTheTargetIsNotAnswered) {
  for (const char* challenge : {R"(Basic realm="x")", R"(Bearer realm="https://cdn.test/token")"}) {
    transport_.On(url_, {To("https://cdn.test/x")});
    transport_.On("https://cdn.test/x",
                  {{.status = 401, .headers = {{"WWW-Authenticate", challenge}}}});
    EXPECT_EQ(PullBlob(), "registry.unauthorized");
    EXPECT_EQ(transport_.Sent("Authorization").back(), "-");
    EXPECT_EQ(transport_.Urls().back(), "https://cdn.test/x");
  }
}

TEST_F(RedirectTest, AManifestMayBeElsewhere) {
  transport_.On(kManifestUrl, {To("https://cdn.test/m")});
  transport_.On("https://cdn.test/m", {ServeManifest()});
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_EQ(transport_.Sent("Accept")[0], transport_.Sent("Accept")[1]);
}

TEST_F(RedirectTest, TheTargetsBytesAreChecked) {
  transport_.On(url_, {To("https://cdn.test/x")});
  transport_.On("https://cdn.test/x", {{.body = "other"}});
  EXPECT_EQ(PullBlob(), "digest.mismatch");
}

TEST_F(RedirectTest, AChainHasAnEnd) {
  const auto chain = [&](int hops) {
    transport_.On(url_, {To("https://cdn.test/1")});
    for (int i = 1; i < hops; ++i) {
      transport_.On("https://cdn.test/" + std::to_string(i), {To("/" + std::to_string(i + 1))});
    }
    transport_.On("https://cdn.test/" + std::to_string(hops), {{.body = "hello"}});
    return PullBlob();
  };
  EXPECT_EQ(chain(5), "hello");
  EXPECT_EQ(chain(kMaxRedirects), "hello");
  EXPECT_EQ(chain(kMaxRedirects + 1), "redirect.too-many");
}

TEST_F(RedirectTest, ALoopEnds) {
  transport_.On(url_, {To(url_)});
  EXPECT_EQ(PullBlob(), "redirect.too-many");
  EXPECT_EQ(transport_.requests().size(), kMaxRedirects + 1U);
}

TEST_F(RedirectTest, AFailingTargetIsReachedThroughTheRegistryAgain) {
  // Signed URLs expire: a new try begins where a new one is made.
  transport_.On(url_, {To("https://cdn.test/1"), To("https://cdn.test/2")});
  transport_.On("https://cdn.test/1", {{.status = 503}});
  transport_.On("https://cdn.test/2", {{.body = "hello"}});
  EXPECT_EQ(PullBlob(), "hello");
  EXPECT_THAT(transport_.Urls(),
              ElementsAre(url_, "https://cdn.test/1", url_, "https://cdn.test/2"));
}

}  // namespace
}  // namespace pullproof::resolver::registry_client

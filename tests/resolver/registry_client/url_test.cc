#include "resolver/registry_client/url.h"

#include <string>

#include <gtest/gtest.h>

namespace pullproof::resolver::registry_client {
namespace {

TEST(Url, Splits) {
  const auto url = Url::Parse("HTTPS://Registry.Test:8443/a/%2F?b=c#d");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme(), "https");
  EXPECT_EQ(url->host(), "registry.test");
  EXPECT_EQ(url->port(), 8443);
  EXPECT_EQ(url->target(), "/a/%2F?b=c");
  EXPECT_EQ(url->ToString(), "https://registry.test:8443/a/%2F?b=c");
}

TEST(Url, KnowsDefaultPorts) {
  EXPECT_EQ(Url::Parse("http://a.test")->port(), 80);
  EXPECT_EQ(Url::Parse("https://a.test")->port(), 443);
  EXPECT_EQ(Url::Parse("https://a.test:")->port(), 443);
  EXPECT_EQ(Url::Parse("https://a.test:443/")->ToString(), "https://a.test/");
  EXPECT_EQ(Url::Parse("https://a.test?x")->target(), "/?x");
  EXPECT_EQ(Url::Parse("http://[::1]:5000/")->ToString(), "http://[::1]:5000/");
}

struct Bad {
  const char* name;
  std::string text;
  const char* id;
};
class UrlRefuses : public testing::TestWithParam<Bad> {};

TEST_P(UrlRefuses, ById) {
  const auto url = Url::Parse(GetParam().text);
  ASSERT_FALSE(url) << url->ToString();
  EXPECT_EQ(url.error().id, GetParam().id);
}

INSTANTIATE_TEST_SUITE_P(
    Table, UrlRefuses,
    testing::Values(Bad{"File", "file:///etc/passwd", "url.scheme"},
                    Bad{"Ftp", "ftp://a.test/", "url.scheme"},
                    Bad{"User", "http://user:password@a.test/", "url.user"},
                    Bad{"Empty", "", "url.syntax"}, Bad{"Relative", "/token", "url.syntax"},
                    Bad{"NoHost", "http:///x", "url.syntax"},
                    Bad{"NoSlashes", "http:a.test", "url.syntax"},
                    Bad{"OpenBracket", "http://[::bad", "url.syntax"},
                    Bad{"BadAddress", "http://[::bad::]/", "url.syntax"},
                    Bad{"Zone", "http://[::1%25lo]/", "url.syntax"},
                    Bad{"PortZero", "http://a.test:0/", "url.syntax"},
                    Bad{"PortTooLarge", "http://a.test:65536/", "url.syntax"},
                    Bad{"PortOfLetters", "http://a.test:http/", "url.syntax"},
                    Bad{"Backslash", "http://a.test\\b.test/", "url.syntax"},
                    Bad{"EscapedHost", "http://a%2etest/", "url.syntax"},
                    Bad{"LineBreak", "http://a.test/\r\nX: y", "url.syntax"},
                    Bad{"Blank", "http://a.test/a b", "url.syntax"},
                    Bad{"NotAscii", "http://a.test/\xC3\xA9", "url.syntax"},
                    Bad{"TooLong", "http://a.test/" + std::string(kMaxUrl, 'x'), "url.syntax"}),
    [](const auto& row) { return row.param.name; });

// RFC 3986 section 5.4.1, for a base without `;` parameters; and what signatures need.
struct Resolution {
  const char* reference;
  const char* expected;
};
class UrlResolves : public testing::TestWithParam<Resolution> {};

TEST_P(UrlResolves, AgainstABase) {
  const auto resolved = Url::Parse("http://a.test/b/c/d?q")->Resolve(GetParam().reference);
  ASSERT_TRUE(resolved) << Describe(resolved.error());
  EXPECT_EQ(resolved->ToString(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc3986, UrlResolves,
    testing::Values(
        Resolution{"g", "http://a.test/b/c/g"}, Resolution{"./g", "http://a.test/b/c/g"},
        Resolution{"g/", "http://a.test/b/c/g/"}, Resolution{"/g", "http://a.test/g"},
        Resolution{"//g.test", "http://g.test/"}, Resolution{"?y", "http://a.test/b/c/d?y"},
        Resolution{"g?y", "http://a.test/b/c/g?y"}, Resolution{"#s", "http://a.test/b/c/d?q"},
        Resolution{"g#s", "http://a.test/b/c/g"}, Resolution{"", "http://a.test/b/c/d?q"},
        Resolution{".", "http://a.test/b/c/"}, Resolution{"./", "http://a.test/b/c/"},
        Resolution{"..", "http://a.test/b/"}, Resolution{"../", "http://a.test/b/"},
        Resolution{"../g", "http://a.test/b/g"}, Resolution{"../..", "http://a.test/"},
        Resolution{"../../g", "http://a.test/g"}, Resolution{"../../../g", "http://a.test/g"},
        Resolution{"/./g", "http://a.test/g"}, Resolution{"/../g", "http://a.test/g"},
        Resolution{"g.", "http://a.test/b/c/g."}, Resolution{"..g", "http://a.test/b/c/..g"},
        Resolution{"./g/.", "http://a.test/b/c/g/"}, Resolution{"g/../h", "http://a.test/b/c/h"},
        Resolution{"g?y/../x", "http://a.test/b/c/g?y/../x"},
        Resolution{"https://b.test/x", "https://b.test/x"},
        Resolution{"a/b:c", "http://a.test/b/c/a/b:c"},
        // Byte for byte: case of escapes, plus, bare keys, doubled slashes, dots of absolute URLs.
        Resolution{"https://b.test/%2f%2F/a+b//c/../d?X=%7e&y&z=",
                   "https://b.test/%2f%2F/a+b//c/../d?X=%7e&y&z="},
        Resolution{"/x//y/%2e%2E?k", "http://a.test/x//y/%2e%2E?k"}));

TEST(Url, ResolvingRefusesWhatParsingDoes) {
  const Url base = *Url::Parse("http://a.test/");
  EXPECT_EQ(base.Resolve("file:///etc/passwd").error().id, "url.scheme");
  EXPECT_EQ(base.Resolve("javascript:alert(1)").error().id, "url.scheme");
  EXPECT_EQ(base.Resolve("//user@b.test/").error().id, "url.user");
  EXPECT_EQ(base.Resolve("/a\nb").error().id, "url.syntax");
}

TEST(Url, ComparesOrigins) {
  const Url base = *Url::Parse("https://a.test/x");
  EXPECT_TRUE(base.SameOrigin(*Url::Parse("https://A.TEST:443/y")));
  EXPECT_FALSE(base.SameOrigin(*Url::Parse("http://a.test/")));
  EXPECT_FALSE(base.SameOrigin(*Url::Parse("http://a.test:443/")));
  EXPECT_FALSE(base.SameOrigin(*Url::Parse("https://a.test:444/")));
  EXPECT_FALSE(base.SameOrigin(*Url::Parse("https://b.a.test/")));
}

TEST(Url, AddsToAQuery) {
  EXPECT_EQ(Url::Parse("https://a.test")->WithQuery("x=1").target(), "/?x=1");
  EXPECT_EQ(Url::Parse("https://a.test/t?y")->WithQuery("x=1").target(), "/t?y&x=1");
  EXPECT_EQ(Url::Parse("https://a.test/t?")->WithQuery("x=1").target(), "/t?x=1");
  EXPECT_EQ(Url::Parse("https://a.test/t?y&")->WithQuery("x=1").target(), "/t?y&x=1");
  EXPECT_EQ(Url::Parse("https://a.test/t")->WithQuery("").target(), "/t");
}

}  // namespace
}  // namespace pullproof::resolver::registry_client

#include "resolver/manifest/outbound_host.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::resolver::manifest {
namespace {

using testing::ElementsAre;

struct Case {
  const char* entry;
  const char* host;  // null: refused
  const char* port_or_message;
};

class OutboundHostTest : public testing::TestWithParam<Case> {};

TEST_P(OutboundHostTest, IsReadOrRefused) {
  const Case& row = GetParam();
  const auto parsed = ParseOutboundHost(row.entry);
  if (row.host == nullptr) {
    ASSERT_FALSE(parsed.has_value()) << row.entry;
    EXPECT_EQ(parsed.error().id, "spin.host");
    EXPECT_THAT(parsed.error().message, testing::HasSubstr(row.port_or_message));
    return;
  }
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(parsed->host, row.host);
  EXPECT_EQ(parsed->port, row.port_or_message);
}

INSTANTIATE_TEST_SUITE_P(
    Accepted, OutboundHostTest,
    testing::Values(Case{"https://api.example", "api.example", ""},
                    Case{"https://api.example/", "api.example", ""},
                    Case{" https://api.example:8443 ", "api.example", "8443"},
                    Case{"https://*.example", "*.example", ""}, Case{"*://*:*", "*", "*"},
                    Case{"redis://db.example:1000..2000", "db.example", "1000..2000"},
                    Case{"http://self", "self", ""}, Case{"http://self.alt", "self.alt", ""},
                    Case{"mysql://10.0.0.0/8:3306", "10.0.0.0/8", "3306"},
                    Case{"http://[::1]:80", "[::1]", "80"}, Case{"http://[::1]", "[::1]", ""},
                    Case{"http://x.spin.internal", "x.spin.internal", ""}));

INSTANTIATE_TEST_SUITE_P(
    Refused, OutboundHostTest,
    testing::Values(Case{"api.example", nullptr, "does not contain a scheme"},
                    Case{"insecure:allow-all", nullptr, "does not contain a scheme"},
                    Case{"", nullptr, "does not contain a scheme"},
                    Case{"h2://api.example:1", nullptr, "scheme"},
                    Case{"https://", nullptr, "has no host"},
                    Case{"https://api.example/v1", nullptr, "has a path"},
                    Case{"https://a*.example", nullptr, "has a `*`"},
                    Case{"https://{a,b}.example", nullptr, "list of hosts"},
                    Case{"https://api.example:x", nullptr, "has the port \"x\""},
                    Case{"https://api.example:70000", nullptr, "has the port"},
                    Case{"https://api.example:20..10", nullptr, "has the port"},
                    Case{"ftp://api.example", nullptr, "needs a port"},
                    Case{"*://api.example", nullptr, "needs a port"},
                    Case{"https://[::1", nullptr, "bad address"},
                    Case{"https://a b", nullptr, "no name and no address"}));

TEST(OutboundHostTest, KnowsWhatBelongsToTheImporter) {
  for (const char* own :
       {"*://*:*", "http://self", "http://SELF", "http://self.alt", "http://x.spin.internal",
        "http://*.spin.internal", "http://X.Spin.Internal.", "http://0.0.0.0/0:80"}) {
    EXPECT_TRUE(ParseOutboundHost(own)->IsHostsOwn()) << own;
  }
  for (const char* other : {"https://*.example", "https://myself", "https://spin.internal.example",
                            "https://spin.internal", "http://10.0.0.0/8:80"}) {
    EXPECT_FALSE(ParseOutboundHost(other)->IsHostsOwn()) << other;
  }
}

TEST(ConvertHttpHostsTest, GivesBothSchemes) {
  const std::vector<std::string> old = {"api.example", "https://b.example:8443", "self"};
  EXPECT_THAT(*ConvertHttpHosts(old),
              ElementsAre("http://api.example", "https://api.example", "http://b.example:8443",
                          "https://b.example:8443", "http://self"));
}

TEST(ConvertHttpHostsTest, AllowAllWins) {
  const std::vector<std::string> old = {"api.example", "insecure:allow-all"};
  EXPECT_THAT(*ConvertHttpHosts(old), ElementsAre("http://*:*", "https://*:*", "http://self"));
}

TEST(ConvertHttpHostsTest, NamesEveryBadEntry) {
  const std::vector<std::string> old = {"ftp://a.example", "ok.example", "b.example/path"};
  const auto converted = ConvertHttpHosts(old);
  ASSERT_FALSE(converted.has_value());
  EXPECT_EQ(converted.error().id, "spin.host");
  EXPECT_EQ(converted.error().message,
            "One or more allowed_http_hosts entries was invalid:\n"
            "\"ftp://a.example\" has the scheme \"ftp\"; only http and https fit here\n"
            "\"b.example/path\" has a path");
}

}  // namespace
}  // namespace pullproof::resolver::manifest

#include "resolver/registry_client/demand.h"

#include <string>
#include <vector>

#include <arpa/inet.h>

#include <gtest/gtest.h>

namespace pullproof::resolver::registry_client {
namespace {

Endpoint At(const char* base) {
  return {.registry = "registry.test", .repository = "r/app", .base = *Url::Parse(base)};
}

// "basic", the URL of the token request, or "!" and the error's id.
std::string Read(const std::vector<std::string>& challenges,
                 const char* base = "https://registry.test/") {
  oci::Headers headers;
  for (const std::string& challenge : challenges) headers.Add("WWW-Authenticate", challenge);
  const auto demand = ReadDemand(headers, At(base));
  if (!demand) return "!" + demand.error().id;
  if (std::holds_alternative<BasicDemand>(*demand)) return "basic";
  return std::get<TokenRequest>(*demand).ToUrl().ToString();
}

struct Row {
  const char* name;
  std::vector<std::string> challenges;
  const char* expected;
};
class ReadDemandTest : public testing::TestWithParam<Row> {};

TEST_P(ReadDemandTest, Chooses) { EXPECT_EQ(Read(GetParam().challenges), GetParam().expected); }

constexpr const char* kToken =
    "https://auth.test/token?service=svc&scope=repository%3Ar%2Fapp%3Apull";
const std::string kBearer =
    R"(Bearer realm="https://auth.test/token",service="svc",scope="repository:r/app:pull")";

INSTANTIATE_TEST_SUITE_P(
    Table, ReadDemandTest,
    testing::Values(
        Row{"Bearer", {kBearer}, kToken}, Row{"Basic", {R"(Basic realm="x")"}, "basic"},
        Row{"AnyCase", {R"(bEARER REALM="https://auth.test/token",Service=svc)"}, kToken},
        Row{"Blanks", {R"(Bearer realm = "https://auth.test/token" ,  service = "svc")"}, kToken},
        Row{"UnknownParameters",
            {R"(Bearer foo="b,a=r",realm="https://auth.test/token",error="x",service="svc")"},
            kToken},
        Row{"ScopeOfOurOwn", {R"(Bearer realm="https://auth.test/token",service="svc")"}, kToken},
        Row{"NoService",
            {R"(Bearer realm="https://auth.test/token")"},
            "https://auth.test/token?scope=repository%3Ar%2Fapp%3Apull"},
        Row{"LeastRights",
            {R"(Bearer realm="https://auth.test/token",service="svc",)"
             R"(scope="repository:r/app:pull,push")"},
            kToken},
        Row{"EscapedService",
            {R"(Bearer realm="https://auth.test/token",service="a\"b",scope="s")"},
            "https://auth.test/token?service=a%22b&scope=s"},
        Row{"TwoLines", {"Negotiate", kBearer}, kToken},
        Row{"OneLine", {"Negotiate, " + kBearer}, kToken},
        Row{"BasicThenBearer", {R"(Basic realm="x")", kBearer}, kToken},
        Row{"UnreadableLineBeside", {R"(Bearer realm="open)", R"(Basic realm="x")"}, "basic"},
        Row{"OnlyUnreadable", {R"(Bearer realm="open)"}, "!challenge.syntax"},
        Row{"NoChallenge", {}, "!registry.unauthorized"},
        Row{"UnknownSchemes", {"Negotiate", R"(Digest realm="x")"}, "!registry.unauthorized"},
        Row{"NoRealm", {R"(Bearer service="svc")"}, "!auth.realm"},
        Row{"FileRealm", {R"(Bearer realm="file:///etc/passwd")"}, "!auth.realm"},
        Row{"RelativeRealm", {R"(Bearer realm="/token")"}, "!auth.realm"},
        Row{"UserInRealm", {R"(Bearer realm="https://u:p@auth.test/")"}, "!auth.realm"},
        Row{"LineBreakInRealm", {"Bearer realm=\"https://auth.test/\r\nX: y\""}, "!auth.realm"},
        Row{"Downgrade", {R"(Bearer realm="http://auth.test/token")"}, "!auth.realm"}),
    [](const auto& row) { return row.param.name; });

TEST(ReadDemand, ARegistryInClearTextMayHaveItsTokensSo) {
  EXPECT_EQ(Read({R"(Bearer realm="http://auth.test/t",scope="s")"}, "http://registry.test/"),
            "http://auth.test/t?scope=s");
}

// Made from bytes: no test names an address that something could be dialled at.
TEST(ReadDemand, NoTokenServiceIsLinkLocal) {
  const in_addr address{.s_addr = htonl(0xA9FE0001)};
  const std::string host = inet_ntoa(address);
  EXPECT_EQ(Read({"Bearer realm=\"https://" + host + "/token\""}), "!auth.realm");
  EXPECT_EQ(Read({"Bearer realm=\"https://" + host + "/t\",scope=\"s\""},
                 ("https://" + host + "/").c_str()),
            "https://" + host + "/t?scope=s");
}

TEST(ReadDemand, NamesTheSchemesThatItCannotSpeak) {
  const auto demand =
      ReadDemand({{"WWW-Authenticate", "Negotiate, Digest realm=x"}}, At("https://registry.test/"));
  EXPECT_EQ(demand.error().message,
            "the registry asks for negotiate, digest; only Basic and Bearer are spoken here");
}

}  // namespace
}  // namespace pullproof::resolver::registry_client

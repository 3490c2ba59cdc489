#include "resolver/registry_client/endpoint.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/resolver/registry_client/client_fixture.h"

namespace pullproof::resolver::registry_client {
namespace {

TEST(EndpointOf, ChoosesSchemeAndHost) {
  const std::vector<std::string> plain_http = {"plain.test:5000"};
  const auto url = [&](std::string_view reference) {
    const auto endpoint = EndpointOf(Ref(reference), plain_http);
    return endpoint ? endpoint->At("tags/list").ToString() : endpoint.error().id;
  };
  EXPECT_EQ(url("registry.test/a/b:v1"), "https://registry.test/v2/a/b/tags/list");
  EXPECT_EQ(url("registry.test:5000/a"), "https://registry.test:5000/v2/a/tags/list");
  EXPECT_EQ(url("plain.test:5000/a"), "http://plain.test:5000/v2/a/tags/list");
  EXPECT_EQ(url("plain.test/a"), "https://plain.test/v2/a/tags/list");
  EXPECT_EQ(url("localhost/a"), "http://localhost/v2/a/tags/list");
  EXPECT_EQ(url("localhost:5000/a"), "http://localhost:5000/v2/a/tags/list");
  EXPECT_EQ(url("b.localhost:5000/a"), "http://b.localhost:5000/v2/a/tags/list");
  EXPECT_EQ(url("127.0.0.1:5000/a"), "http://127.0.0.1:5000/v2/a/tags/list");
  EXPECT_EQ(url("[::1]:5000/a"), "http://[::1]:5000/v2/a/tags/list");
  EXPECT_EQ(url("localhost.test/a"), "https://localhost.test/v2/a/tags/list");
  EXPECT_EQ(url("alpine"), "https://registry-1.docker.io/v2/library/alpine/tags/list");
  EXPECT_EQ(url("registry.test:99999/a"), "url.syntax");
}

TEST(EndpointOf, KeepsTheDomainForCredentials) {
  EXPECT_EQ(EndpointOf(Ref("alpine"), {})->registry, "docker.io");
  EXPECT_EQ(EndpointOf(Ref("registry.test:5000/a"), {})->registry, "registry.test:5000");
}

}  // namespace
}  // namespace pullproof::resolver::registry_client

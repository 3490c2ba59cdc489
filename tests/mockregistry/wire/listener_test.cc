#include "mockregistry/wire/listener.h"

#include <string>

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/mockregistry/wire/raw_client.h"

namespace pullproof::mockregistry::wire {
namespace {

class LoopbackTest : public ::testing::TestWithParam<std::string> {};

TEST_P(LoopbackTest, TakesConnectionsAtOnce) {
  const auto listener = Listen(GetParam(), 0);
  ASSERT_TRUE(listener.has_value()) << Describe(listener.error());
  EXPECT_NE(listener->port, 0);
  EXPECT_TRUE(RawClient(listener->port, GetParam()).connected());
}

INSTANTIATE_TEST_SUITE_P(Addresses, LoopbackTest,
                         ::testing::Values("127.0.0.1", "127.0.0.2", "::1"),
                         [](const auto& test) { return "Number" + std::to_string(test.index); });

class OtherAddressTest : public ::testing::TestWithParam<std::string> {};

TEST_P(OtherAddressTest, IsRefused) {
  const auto listener = Listen(GetParam(), 8080);
  ASSERT_FALSE(listener.has_value());
  EXPECT_EQ(listener.error().id, "registry.bind");
  EXPECT_EQ(listener.error().message, "a mock registry listens on the loopback interface only");
  EXPECT_EQ(listener.error().hint, "use 127.0.0.1 or ::1");
}

INSTANTIATE_TEST_SUITE_P(Addresses, OtherAddressTest,
                         ::testing::Values("0.0.0.0", "::", "::ffff:127.0.0.1", "localhost", "",
                                           "127.1"),
                         [](const auto& test) { return "Number" + std::to_string(test.index); });

TEST(ListenTest, SaysWhichPortIsTaken) {
  const auto first = Listen("127.0.0.1", 0);
  ASSERT_TRUE(first.has_value());
  const auto second = Listen("127.0.0.1", first->port);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error(), (Error{"registry.bind", "cannot listen: Address already in use",
                                   "127.0.0.1:" + std::to_string(first->port),
                                   "stop the program that has this port, or use port 0"}));
}

TEST(ListenTest, WritesAnIpv6AddressInBrackets) {
  const auto first = Listen("::1", 0);
  ASSERT_TRUE(first.has_value());
  const auto second = Listen("::1", first->port);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().where, "[::1]:" + std::to_string(first->port));
}

}  // namespace
}  // namespace pullproof::mockregistry::wire

#include "resolver/transport/address.h"

#include <gtest/gtest.h>

namespace pullproof::resolver::transport {
namespace {

IpAddress Mapped(std::array<std::uint8_t, 4> v4) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, v4[0], v4[1], v4[2], v4[3]}};
}

TEST(ParseIpAddress, TakesEveryFormThatAResolverTakes) {
  for (const char* host : {"127.0.0.1", "127.1", "0x7f000001", "2130706433", "0177.0.0.1",
                           "127.0.0.1.", "::ffff:127.0.0.1", "[::ffff:7f00:1]"}) {
    EXPECT_EQ(ParseIpAddress(host), Mapped({127, 0, 0, 1})) << host;
  }
}

TEST(ParseIpAddress, TakesBracketsAndZones) {
  IpAddress one;
  one.bytes[15] = 1;
  for (const char* host : {"::1", "[::1]", "[0:0:0:0:0:0:0:1]", "[::1%25lo]", "::1%lo"}) {
    EXPECT_EQ(ParseIpAddress(host), one) << host;
  }
}

TEST(ParseIpAddress, NamesAreNoAddresses) {
  for (const char* host : {"", "localhost", "127.0.0.1.example", "127.0.0.1 x", "[::1", "::g",
                           "256.0.0.1", "1.2.3.4.5"}) {
    EXPECT_EQ(ParseIpAddress(host), std::nullopt) << host;
  }
}

TEST(IsLoopbackHost, KnowsAddressesAndNames) {
  for (const char* host : {"localhost", "LOCALHOST", "localhost.", "registry.localhost",
                           "127.0.0.1", "127.255.0.3", "127.1", "[::1]", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
  for (const char* host : {"", "localhost.example", "notlocalhost", "127.evil.example", "128.0.0.1",
                           "[::2]", "0.0.0.0", "192.0.2.1"}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
}

// The addresses are given as bytes: no test names one that something could be dialled at.
TEST(IsLinkLocal, IsTheTwoPrefixesAndNothingBesides) {
  EXPECT_TRUE(IsLinkLocal(Mapped({0xA9, 0xFE, 0, 0})));
  EXPECT_TRUE(IsLinkLocal(Mapped({0xA9, 0xFE, 255, 255})));
  EXPECT_FALSE(IsLinkLocal(Mapped({0xA9, 0xFD, 255, 255})));
  EXPECT_FALSE(IsLinkLocal(Mapped({0xA9, 0xFF, 0, 0})));
  EXPECT_TRUE(IsLinkLocal({{0xFE, 0x80}}));
  EXPECT_TRUE(IsLinkLocal({{0xFE, 0xBF, 0xFF}}));
  EXPECT_FALSE(IsLinkLocal({{0xFE, 0x7F}}));
  EXPECT_FALSE(IsLinkLocal({{0xFE, 0xC0}}));
}

TEST(IsLinkLocalHost, IsNeverANameOrTheLoopback) {
  for (const char* host : {"localhost", "127.0.0.1", "[::1]", "192.0.2.1", "registry.example"}) {
    EXPECT_FALSE(IsLinkLocalHost(host)) << host;
  }
}

// Made from bytes where the address is one that somebody could dial.
TEST(ReachOf, TellsHowFarInsideAnAddressIs) {
  const auto v4 = [](std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return ReachOf(IpAddress{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d}});
  };
  EXPECT_EQ(v4(192, 0, 2, 1), Reach::kPublic);
  EXPECT_EQ(v4(172, 15, 255, 255), Reach::kPublic);
  EXPECT_EQ(v4(172, 16, 0, 0), Reach::kPrivate);
  EXPECT_EQ(v4(172, 31, 255, 255), Reach::kPrivate);
  EXPECT_EQ(v4(172, 32, 0, 0), Reach::kPublic);
  EXPECT_EQ(v4(10, 1, 2, 3), Reach::kPrivate);
  EXPECT_EQ(v4(192, 168, 0, 1), Reach::kPrivate);
  EXPECT_EQ(v4(192, 169, 0, 1), Reach::kPublic);
  EXPECT_EQ(v4(100, 64, 0, 1), Reach::kPrivate);
  EXPECT_EQ(v4(100, 128, 0, 1), Reach::kPublic);
  EXPECT_EQ(v4(127, 255, 0, 1), Reach::kLoopback);
  EXPECT_EQ(v4(0, 0, 0, 0), Reach::kLoopback);
  EXPECT_EQ(v4(169, 254, 0, 1), Reach::kLinkLocal);
  EXPECT_EQ(ReachOf(*ParseIpAddress("2001:db8::1")), Reach::kPublic);
  EXPECT_EQ(ReachOf(*ParseIpAddress("fd00::1")), Reach::kPrivate);
  EXPECT_EQ(ReachOf(*ParseIpAddress("::1")), Reach::kLoopback);
  EXPECT_EQ(ReachOf(*ParseIpAddress("::")), Reach::kLoopback);
}

}  // namespace
}  // namespace pullproof::resolver::transport

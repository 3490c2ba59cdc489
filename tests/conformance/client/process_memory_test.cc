#include "conformance/client/process_memory.h"

#include <unistd.h>

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace pullproof::conformance::client {
namespace {

TEST(ProcessMemoryTest, ReadsTheLineOfAStatusFile) {
  struct Row {
    std::string status;
    std::optional<std::uint64_t> bytes;
  };
  const Row rows[] = {
      {"Name:\tcat\nVmPeak:\t    5000 kB\nVmHWM:\t    1024 kB\nVmRSS:\t 900 kB\n", 1048576},
      {"VmHWM: 1 kB", 1024},
      {"VmHWM:\t0 kB\n", 0},
      {"Name:\tzombie\nState:\tZ (zombie)\n", std::nullopt},
      {"VmHWM:\tmany kB\n", std::nullopt},
      {"", std::nullopt},
  };
  for (const Row& row : rows) EXPECT_EQ(ParseVmHwm(row.status), row.bytes) << row.status;
}

TEST(ProcessMemoryTest, ARunningProcessHasSome) {
  const std::optional<std::uint64_t> peak = PeakMemoryOfTree(::getpid());
  ASSERT_TRUE(peak.has_value());
  EXPECT_GT(*peak, std::uint64_t{1} << 20);
}

TEST(ProcessMemoryTest, AProcessThatIsGoneHasNone) {
  constexpr pid_t kBeyondAnyProcess = 0x7fffffff;  // above pid_max, which is at most 2^22
  EXPECT_EQ(PeakMemoryOfTree(kBeyondAnyProcess), std::nullopt);
}

}  // namespace
}  // namespace pullproof::conformance::client

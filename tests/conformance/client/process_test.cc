#include "conformance/client/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace pullproof::conformance::client {
namespace {

using End = ProcessResult::End;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

ProcessSpec Victim(std::vector<std::string> words) {
  ProcessSpec spec;
  spec.argv = std::move(words);
  spec.argv.insert(spec.argv.begin(), PULLPROOF_VICTIM);
  return spec;
}

ProcessResult RunOrDie(const ProcessSpec& spec) {
  Result<ProcessResult> result = RunProcess(spec);
  EXPECT_TRUE(result.has_value()) << Describe(result.error());
  return result.value_or(ProcessResult{});
}

// Runs it with more and more time, until the budget ended it after it had got as far as `done`
// says: on a busy machine a program needs a while to start.
template <typename Done>
ProcessResult RunOverBudget(ProcessSpec spec, Done done) {
  ProcessResult result;
  for (spec.budget = milliseconds(50); spec.budget < seconds(60); spec.budget *= 3) {
    result = RunOrDie(spec);
    EXPECT_EQ(result.end, End::kOverBudget);
    EXPECT_EQ(result.status, SIGKILL);
    EXPECT_GE(result.took, spec.budget);
    if (done(result)) break;
  }
  EXPECT_TRUE(done(result));
  return result;
}

bool HasSpoken(const ProcessResult& result) { return !result.out.kept.empty(); }

// Waits for the end of a process that is no child of ours; true when it has ended, be it that
// nobody has asked for its status yet.
bool Ends(pid_t pid) {
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return errno == ESRCH;
  pollfd wanted{fd, POLLIN, 0};
  const int ready = ::poll(&wanted, 1, 10'000);
  ::close(fd);
  return ready == 1;
}

std::size_t OpenFiles() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

TEST(ProcessTest, KeepsBothStreamsAndTheExitStatus) {
  const ProcessResult result = RunOrDie(Victim({"say", "hello", "warn", "careful", "exit", "3"}));
  EXPECT_EQ(result.end, End::kExited);
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(result.out.kept, "hello\n");
  EXPECT_EQ(result.out.size, 6U);
  EXPECT_EQ(result.err.kept, "careful\n");
  EXPECT_GT(result.took, Duration::zero());
}

TEST(ProcessTest, PassesWordsAsTheyAre) {
  const ProcessResult result =
      RunOrDie(Victim({"say", "a  b", "say", "$HOME * ; `id`", "say", ""}));
  EXPECT_EQ(result.out.kept, "a  b\n$HOME * ; `id`\n\n");
}

TEST(ProcessTest, FindsAProgramInThePathOfItsOwnEnvironment) {
  ProcessSpec spec;
  spec.argv = {"process_victim", "say", "found"};
  spec.environment = {
      {"PATH", "/nowhere:" + std::filesystem::path(PULLPROOF_VICTIM).parent_path().string()}};
  EXPECT_EQ(RunOrDie(spec).out.kept, "found\n");
}

TEST(ProcessTest, StandardInputIsEmptyUnlessGiven) {
  EXPECT_EQ(RunOrDie(Victim({"pass-input"})).out.kept, "");
  ProcessSpec spec = Victim({"pass-input"});
  spec.input = std::string(300'000, 'i');  // more than a pipe holds
  EXPECT_EQ(RunOrDie(spec).out.kept, spec.input);
}

TEST(ProcessTest, InputThatNobodyReadsIsNoError) {
  ProcessSpec spec = Victim({"say", "done"});
  spec.input = std::string(300'000, 'i');
  EXPECT_EQ(RunOrDie(spec).out.kept, "done\n");
}

TEST(ProcessTest, KeepsOutputUpToTheBoundAndCountsTheRest) {
  ProcessSpec spec = Victim({"flood", "3000000"});
  spec.max_output = 1000;
  const ProcessResult result = RunOrDie(spec);
  EXPECT_EQ(result.end, End::kExited);
  EXPECT_EQ(result.out.kept, std::string(1000, 'x'));
  EXPECT_EQ(result.out.size, 3'000'000U);
}

TEST(ProcessTest, TheEnvironmentIsExactlyTheOneGiven) {
  ProcessSpec spec = Victim({"show-environment"});
  spec.environment = {{"A", "1"}, {"B", "two words"}};
  EXPECT_EQ(RunOrDie(spec).out.kept, "A=1\nB=two words\n");
}

TEST(ProcessTest, WorksInItsDirectory) {
  ProcessSpec spec = Victim({"show-directory"});
  spec.directory = "/proc/sys";
  EXPECT_EQ(RunOrDie(spec).out.kept, "/proc/sys\n");
}

TEST(ProcessTest, ASignalIsToldFromAnExitStatus) {
  const ProcessResult result = RunOrDie(Victim({"abort"}));
  EXPECT_EQ(result.end, End::kSignalled);
  EXPECT_EQ(result.status, SIGABRT);
}

TEST(ProcessTest, IsEndedWhenItsBudgetIsSpent) {
  EXPECT_EQ(RunOverBudget(Victim({"say", "working", "hang"}), HasSpoken).out.kept, "working\n");
}

TEST(ProcessTest, AFloodDoesNotKeepTheBudgetWaiting) {
  ProcessSpec spec;
  spec.argv = {"/usr/bin/yes"};
  spec.max_output = 10;
  const ProcessResult result = RunOverBudget(spec, HasSpoken);
  EXPECT_EQ(result.out.kept, "y\ny\ny\ny\ny\n");
  EXPECT_GT(result.out.size, 10U);
}

TEST(ProcessTest, TheWholeGroupEndsWithTheBudget) {
  const ProcessResult result = RunOverBudget(Victim({"orphan", "hang"}), HasSpoken);
  EXPECT_TRUE(Ends(std::stoi(result.out.kept)));
}

TEST(ProcessTest, WhatAProgramLeavesBehindEndsWithIt) {
  const ProcessSpec spec = Victim({"orphan", "exit", "0"});
  const ProcessResult result = RunOrDie(spec);
  EXPECT_EQ(result.end, End::kExited);
  EXPECT_EQ(result.status, 0);
  EXPECT_LT(result.took, spec.budget);  // although standard output stayed open
  EXPECT_TRUE(Ends(std::stoi(result.out.kept)));
}

TEST(ProcessTest, AddressSpaceIsBounded) {
  ProcessSpec spec = Victim({"allocate", "1000000000"});
  EXPECT_EQ(RunOrDie(spec).out.kept, "got it\n");
  spec.max_memory = 500'000'000;
  EXPECT_EQ(RunOrDie(spec).out.kept, "refused\n");
}

TEST(ProcessTest, PeakMemoryIsTheProgramsOwn) {
  static constexpr std::uint64_t kHeld = std::uint64_t{32} << 20;
  // The caller is large, and must not be taken for the program.
  const std::vector<char> ballast(4 * kHeld, 'b');
  ASSERT_EQ(ballast.back(), 'b');
  const ProcessResult result =
      RunOverBudget(Victim({"hold", std::to_string(kHeld)}),
                    [](const ProcessResult& run) { return run.peak_memory >= kHeld; });
  EXPECT_LT(*result.peak_memory, 2 * kHeld);
}

TEST(ProcessTest, WhatCannotBeRunIsAnErrorWithItsKind) {
  Result<TemporaryDirectory> directory = TemporaryDirectory::Create("process-test-");
  ASSERT_TRUE(directory.has_value());
  const std::filesystem::path plain = directory->path() / "plain";
  const std::filesystem::path script = directory->path() / "script";
  std::ofstream(plain) << "no program";
  std::ofstream(script) << "#!/nowhere/interpreter\n";
  ASSERT_EQ(::chmod(script.c_str(), S_IRWXU), 0);

  struct Row {
    std::vector<std::string> argv;
    std::string directory;
    std::string id;
  };
  const std::vector<Row> rows = {
      {{}, "", "process.not-found"},
      {{""}, "", "process.not-found"},
      {{"no-such-program"}, "", "process.not-found"},
      {{"/nowhere/program"}, "", "process.not-found"},
      {{plain}, "", "process.permission"},
      {{script}, "", "process.not-found"},
      {{PULLPROOF_VICTIM}, "/nowhere", "process.start"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(::testing::PrintToString(row.argv));
    ProcessSpec spec;
    spec.argv = row.argv;
    spec.environment = {{"PATH", "/nowhere"}};
    spec.directory = row.directory;
    const Result<ProcessResult> result = RunProcess(spec);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().id, row.id) << Describe(result.error());
  }
}

TEST(ProcessTest, TheChildHasNoFilesOfOurs) {
  const int leaky = ::open("/dev/null", O_RDONLY);  // as a careless library opens it
  ASSERT_GE(leaky, 0);
  EXPECT_EQ(RunOrDie(Victim({"fds"})).out.kept, "0\n1\n2\n");
  ::close(leaky);
}

TEST(ProcessTest, IgnoredSignalsAreNotPassedOn) {
  const auto before = std::signal(SIGTERM, SIG_IGN);
  ProcessSpec spec;
  spec.argv = {"/usr/bin/timeout", "--signal=TERM", "0.05", PULLPROOF_VICTIM, "hang"};
  const ProcessResult result = RunOrDie(spec);
  std::signal(SIGTERM, before);
  EXPECT_EQ(result.end, End::kExited);
  EXPECT_EQ(result.status, 124);  // timeout(1): the signal did its work
}

TEST(ProcessTest, NothingIsLeftOfAnyRun) {
  const std::size_t before = OpenFiles();
  ProcessSpec over = Victim({"orphan", "hang"});
  over.budget = milliseconds(20);
  ProcessSpec missing;
  missing.argv = {"/nowhere/program"};
  ProcessSpec lost = Victim({"say", "x"});
  lost.directory = "/nowhere";
  for (const ProcessSpec& spec : {Victim({"say", "x"}), Victim({"abort"}), over, missing, lost}) {
    static_cast<void>(RunProcess(spec));
  }
  EXPECT_EQ(OpenFiles(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(ProcessTest, ManyThreadsRunProgramsSideBySide) {
  constexpr int kThreads = 8;
  constexpr int kRuns = 12;
  std::vector<int> right(kThreads, 0);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([t, &right] {
        for (int i = 0; i < kRuns; ++i) {
          const std::string word = std::to_string(t) + "." + std::to_string(i);
          const Result<ProcessResult> result =
              RunProcess(Victim({"say", word, "exit", std::to_string(i)}));
          if (result && result->out.kept == word + "\n" && result->status == i) {
            ++right[static_cast<std::size_t>(t)];
          }
        }
      });
    }
  }
  EXPECT_THAT(right, ::testing::Each(kRuns));
}

TEST(FindProgramTest, TakesTheFirstExecutableInOrder) {
  EXPECT_EQ(FindProgram(PULLPROOF_VICTIM, "").value(), PULLPROOF_VICTIM);
  const Result<std::filesystem::path> missing = FindProgram("no-such-program", "/usr/bin:/bin");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().id, "process.not-found");
  EXPECT_THAT(missing.error().message, HasSubstr("no-such-program"));
  EXPECT_FALSE(FindProgram("bin", "/usr").has_value()) << "a directory is no program";
}

}  // namespace
}  // namespace pullproof::conformance::client

// What is left when a resolver is killed, when several share a cache, and when the disk gives out.
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "resolver/assets.h"
#include "tests/resolver/resolve_fixture.h"
#include "tests/resolver/testing/faulty_file_system.h"

namespace pullproof::resolver {
namespace {

namespace fs = std::filesystem;

// In the suite a short run; `PULLPROOF_KILLS=200 PULLPROOF_SEED=7 resolver_test
// --gtest_filter='Kill*'` is a long one.
int FromEnvironment(const char* name, int otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr ? otherwise : std::atoi(value);
}

class KillTest : public ResolveFixture {
 protected:
  KillTest() {
    PushSite();
    for (const char version : {'a', 'b'}) {
      Choose(version);
      const auto report = Run();
      EXPECT_TRUE(report.has_value()) << Describe(report.error());
      expected_[version] = Outputs();
    }
    EXPECT_NE(expected_['a'], expected_['b']);
  }

  // Two states that differ in the lock, in own files and in what comes from the registry.
  void Choose(char version) {
    const std::string packaged =
        "source = { reference = \"127.0.0.1:5000/lib/site:v1\", id = \"site\" }\n";
    WriteManifest(version == 'a'
                      ? "[component.main]\n" + packaged
                      : "[component.main]\nsource = \"local.wasm\"\n"
                        "[component.other]\n" +
                            packaged + "files = [{ source = \"own\", destination = \"/own\" }]\n");
  }

  // Lock and assets, without what begins with a dot: unfinished business.
  std::map<std::string, std::string> Outputs() {
    auto tree = Tree(app() / "out");
    std::erase_if(tree, [](const auto& file) { return file.first.starts_with('.'); });
    return tree;
  }
  bool HasLock() { return fs::exists(Options().lock); }

  void ExpectNothingWrong() {
    const auto outputs = Outputs();
    if (HasLock()) {
      EXPECT_TRUE(outputs == expected_['a'] || outputs == expected_['b'])
          << "the lock names assets that are not there";
    }
    for (const auto& [path, bytes] : Tree(root() / "cache/registry")) {
      const auto digest = oci::Digest::Parse(path.substr(path.rfind('/') + 1));
      if (!digest) continue;  // of a file that was being written: no name that anybody asks for
      EXPECT_EQ(oci::Digest::Of(bytes), *digest) << path;
    }
  }

  // Runs in a process of its own; true when it ended by itself.
  static bool InChild(const std::function<bool()>& work,
                      std::optional<std::chrono::nanoseconds> kill_after = std::nullopt) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(work() ? 0 : 1);
    if (kill_after) {
      const timespec wait{.tv_sec = 0, .tv_nsec = kill_after->count()};
      ::nanosleep(&wait, nullptr);  // the moment is what is tested
      ::kill(child, SIGKILL);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) {
      EXPECT_EQ(WEXITSTATUS(status), 0);
    }
    return WIFEXITED(status);
  }

  // After a kill: nothing wrong, the next run's repair keeps it so, and the run itself succeeds.
  void ExpectRecovery(char version) {
    ExpectNothingWrong();
    ASSERT_TRUE(RecoverOutputs(system_, Options().assets, Options().lock).has_value());
    EXPECT_TRUE(HasLock());
    ExpectNothingWrong();
    const auto report = Run();
    ASSERT_TRUE(report.has_value()) << Describe(report.error());
    EXPECT_EQ(Outputs(), expected_[version]);
  }

  std::map<char, std::map<std::string, std::string>> expected_;
};

TEST_F(KillTest, AtEveryFileOperation) {
  constexpr std::size_t kMaxOperations = 2000;
  std::size_t n = 0;
  for (; n < kMaxOperations; ++n) {
    const char version = n % 2 == 0 ? 'a' : 'b';
    Choose(version);
    fs::remove_all(root() / "cache");
    testing::FaultyFileSystem killing;
    killing.KillAt(n);
    files_ = &killing;
    const bool ended = InChild([&] { return Run().has_value(); });
    files_ = &system_;
    ExpectRecovery(version);
    if (ended || HasFailure()) break;
  }
  EXPECT_LT(n, kMaxOperations);
  EXPECT_GT(n, 40U);
}

TEST_F(KillTest, AtRandomMoments) {
  const int kills = FromEnvironment("PULLPROOF_KILLS", 40);
  std::mt19937 random(static_cast<unsigned>(FromEnvironment("PULLPROOF_SEED", 1)));
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(InChild([&] { return Run().has_value(); }));
  const auto whole = std::chrono::steady_clock::now() - start;
  // Nothing here takes a second, but a machine may be busy.
  const auto longest = std::min<std::chrono::nanoseconds>(whole, std::chrono::milliseconds(900));
  std::uniform_int_distribution<std::int64_t> moment(0, longest.count());
  for (int i = 0; i < kills && !HasFailure(); ++i) {
    const char version = random() % 2 == 0 ? 'a' : 'b';
    Choose(version);
    if (random() % 2 == 0) fs::remove_all(root() / "cache");
    InChild([&] { return Run().has_value(); }, std::chrono::nanoseconds(moment(random)));
    ExpectRecovery(version);
  }
}

TEST_F(KillTest, SeveralProcessesShareAColdCache) {
  constexpr int kProcesses = 4;
  constexpr int kRounds = 5;
  Choose('b');
  for (int round = 0; round < kRounds; ++round) {
    fs::remove_all(root() / "cache");
    std::vector<pid_t> children;
    for (int i = 0; i < kProcesses; ++i) {
      ResolveOptions options = Options();
      options.lock = app() / std::to_string(i) / "spin.lock";
      options.assets = app() / std::to_string(i) / "assets";
      const pid_t child = ::fork();
      if (child == 0) ::_exit(Run(options).has_value() ? 0 : 1);
      children.push_back(child);
    }
    for (const pid_t child : children) {
      int status = 0;
      EXPECT_EQ(::waitpid(child, &status, 0), child);
      EXPECT_EQ(status, 0);
    }
    ExpectNothingWrong();
    const auto assets = Tree(app() / "0/assets");
    EXPECT_FALSE(assets.empty());
    for (int i = 1; i < kProcesses; ++i) {
      EXPECT_EQ(Tree(app() / std::to_string(i) / "assets"), assets);
    }
  }
}

// A file system of its own, in memory.
class Mount {
 public:
  Mount(fs::path path, const char* options) : path_(std::move(path)) {
    fs::create_directories(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, options) == 0;
  }
  ~Mount() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }
  bool Remount(unsigned long flags, const char* options) {
    return ::mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT | flags, options) == 0;
  }

 private:
  const fs::path path_;
  bool mounted_ = false;
};

TEST_F(KillTest, AFullDiskLeavesNothingWrong) {
  Choose('a');
  const auto before = Outputs();
  fs::remove_all(root() / "cache");
  Mount cache(root() / "cache", "size=4k");
  if (!cache.mounted()) GTEST_SKIP() << "mounting a file system needs root";
  const auto report = Run();
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().id, "file.no-space");
  EXPECT_EQ(Outputs(), before);
  ExpectNothingWrong();
  ASSERT_TRUE(cache.Remount(0, "size=4m"));
  ExpectRecovery('a');
}

TEST_F(KillTest, AReadOnlyCacheServesWhatItHas) {
  Choose('a');
  fs::remove_all(root() / "cache");
  Mount cache(root() / "cache", "size=4m");
  if (!cache.mounted()) GTEST_SKIP() << "mounting a file system needs root";
  ASSERT_TRUE(cache.Remount(MS_RDONLY, "size=4m"));
  const auto before = Outputs();
  const auto cold = Run();
  ASSERT_FALSE(cold.has_value());
  EXPECT_EQ(cold.error().id, "file.permission");
  EXPECT_EQ(Outputs(), before);
  ASSERT_TRUE(cache.Remount(0, "size=4m"));
  ASSERT_TRUE(Run().has_value());
  ASSERT_TRUE(cache.Remount(MS_RDONLY, "size=4m"));
  const oci::Digest digest = PushSite();
  WriteManifest("[component.main]\nsource = { reference = \"127.0.0.1:5000/lib/site@" +
                digest.ToString() + "\", id = \"site\" }\n");
  registry_.ForgetRequests();
  const auto warm = Run();
  ASSERT_TRUE(warm.has_value()) << Describe(warm.error());
  EXPECT_TRUE(registry_.Requests().empty());
}

}  // namespace
}  // namespace pullproof::resolver

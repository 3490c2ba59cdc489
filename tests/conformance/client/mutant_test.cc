#include "conformance/client/mutant.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/client/served.h"

namespace pullproof::conformance::client {
namespace {

using ::testing::ElementsAre;

// One rule on a blob: `effect` is its `do`.
std::string BlobRule(std::string_view effect, std::string_view pick = "") {
  return "[[rules]]\nid = \"fault\"\non = { op = \"blob.get\", name = \"layer\" }\n" +
         std::string(pick) + "\ndo = { " + std::string(effect) + " }\n";
}

class MutantTest : public ::testing::Test {
 protected:
  Attempt Pull(std::string_view mutant, std::string_view more, std::optional<Login> login = {}) {
    return Run(mutant, Verb::kPull, "{registry}/lib/app:1.0", ImageFixture(more), login);
  }

  Attempt Run(std::string_view mutant, Verb verb, const std::string& reference,
              const std::string& fixture, std::optional<Login> login = {}) {
    served_ = std::make_unique<Served>(fixture);
    const Result<std::unique_ptr<Client>> client = MakeMutantClient(mutant, Wire::kInProcess);
    EXPECT_TRUE(client.has_value()) << mutant;
    Task task = served_->TaskFor(verb, reference);
    task.login = std::move(login);
    return (*client)->Run(task, served_->registry());
  }

  [[nodiscard]] std::size_t Requests() { return served_->registry().journal().Snapshot().size(); }

  std::unique_ptr<Served> served_;
};

TEST_F(MutantTest, EveryOneOfThemPullsFromAnHonestRegistry) {
  // Those whose fault shows with the most honest registry: a manifest in other words, an answer
  // that arrives in pieces, clear text where TLS is wanted.
  const std::set<std::string_view> shows_at_once = {"reencodes-manifests", "reads-first-piece",
                                                    "speaks-https-only"};
  for (const Mutant& mutant : Mutants()) {
    if (shows_at_once.contains(mutant.name)) continue;
    const Attempt attempt = Pull(mutant.name, "");
    EXPECT_EQ(attempt.outcome, Outcome::kOk) << mutant.name << ": " << attempt.err;
    EXPECT_TRUE(served_->HasWhole("layer")) << mutant.name;
    EXPECT_TRUE(served_->HasWhole("app")) << mutant.name;
  }
}

TEST_F(MutantTest, IgnoresDigests) {
  const std::string flipped = BlobRule("body = { flip_bit = 9 }");
  EXPECT_EQ(Pull("well-behaved", flipped).error_class, "digest_mismatch");
  EXPECT_FALSE(served_->HasBlob("layer"));
  EXPECT_EQ(Pull("ignores-digests", flipped).outcome, Outcome::kOk);
  EXPECT_TRUE(served_->HasBlob("layer"));
  EXPECT_FALSE(served_->HasWhole("layer"));
  // It still looks at sizes.
  const std::string tidy = BlobRule("body = { cut = { at = 10, end = \"tidy\" } }");
  EXPECT_EQ(Pull("ignores-digests", tidy).error_class, "size_mismatch");
}

TEST_F(MutantTest, IgnoresSizes) {
  const std::string lie =
      "[[rules]]\nid = \"lie\"\non = { op = \"manifest.get\" }\n"
      "do = { descriptor = { of = \"layer\", size = 7 } }\n";
  // The manifest's bytes change with the lie, so it is asked for by tag, and without the header
  // that would tell.
  const std::string quiet = "drop_headers = [\"Docker-Content-Digest\"], ";
  std::string rule = lie;
  rule.insert(rule.find("descriptor"), quiet);
  EXPECT_EQ(Pull("well-behaved", rule).error_class, "size_mismatch");
  EXPECT_EQ(Pull("ignores-sizes", rule).outcome, Outcome::kOk);
}

TEST_F(MutantTest, TrustsContentLength) {
  const std::string tidy = BlobRule("body = { cut = { at = 10, end = \"tidy\" } }");
  EXPECT_EQ(Pull("well-behaved", tidy).error_class, "size_mismatch");
  EXPECT_EQ(Pull("trusts-content-length", tidy).outcome, Outcome::kOk);
  EXPECT_FALSE(served_->HasWhole("layer"));
  // But it does notice that a connection ended too early.
  const std::string cut = BlobRule("body = { cut = { at = 10, end = \"fin\" } }");
  EXPECT_EQ(Pull("trusts-content-length", cut).error_class, "network");
}

TEST_F(MutantTest, AcceptsTruncated) {
  const std::string cut =
      BlobRule("body = { cut = { at = 10, end = \"fin\" } }", "pick = { first = 1 }");
  EXPECT_EQ(Pull("well-behaved", cut).outcome, Outcome::kOk);
  EXPECT_TRUE(served_->HasWhole("layer"));
  EXPECT_EQ(Pull("accepts-truncated", cut).outcome, Outcome::kOk);
  EXPECT_TRUE(served_->HasBlob("layer"));
  EXPECT_FALSE(served_->HasWhole("layer"));
}

TEST_F(MutantTest, FollowsRedirectsWithCredentials) {
  const std::string redirect = R"(
hosts.registry = { name = "127.0.0.1" }
hosts.cdn      = { name = "localhost", serves = "blobs" }
auth.registry  = { scheme = "basic", users = { alice = "s3cret" } }

[[rules]]
id = "move"
on = { op = "blob.get", host = "registry" }
do = { redirect = { host = "cdn", status = 307 } }
)";
  const auto leaked = [this] {
    return served_->registry().journal().Count([](const mockregistry::journal::Entry& entry) {
      return entry.host == "cdn" && entry.request_headers.Has("Authorization");
    });
  };
  const Login alice{"alice", "s3cret"};
  EXPECT_EQ(Pull("well-behaved", redirect, alice).outcome, Outcome::kOk);
  EXPECT_EQ(leaked(), 0U);
  EXPECT_EQ(Pull("follows-redirects-with-credentials", redirect, alice).outcome, Outcome::kOk);
  EXPECT_EQ(leaked(), 2U);  // config and layer
  EXPECT_EQ(Pull("well-behaved", redirect).error_class, "unauthorized");
}

TEST_F(MutantTest, RetriesNeverForeverOrTooSoon) {
  const std::string twice = R"(
[[rules]]
id   = "limit"
on   = { op = "manifest.get" }
pick = { first = 2 }
do   = { status = 429, error = "TOOMANYREQUESTS", headers = { "Retry-After" = "7" } }
)";
  EXPECT_EQ(Pull("well-behaved", twice).outcome, Outcome::kOk);
  EXPECT_EQ(served_->clock().Now(), std::chrono::seconds(14));
  EXPECT_EQ(Pull("ignores-retry-after", twice).outcome, Outcome::kOk);
  EXPECT_EQ(served_->clock().Now(), Duration::zero());
  EXPECT_EQ(Pull("retries-never", twice).error_class, "too_many_requests");
  EXPECT_EQ(Requests(), 1U);

  std::string always = twice;
  always.replace(always.find("pick = { first = 2 }"), 20, "");
  EXPECT_EQ(Pull("well-behaved", always).error_class, "too_many_requests");
  EXPECT_EQ(Requests(), 5U);
  EXPECT_EQ(Pull("retries-forever", always).outcome, Outcome::kHung);
  EXPECT_GT(Requests(), 10U);
}

TEST_F(MutantTest, ARetryAfterMayBeADate) {
  EXPECT_EQ(Pull("well-behaved", R"(
[[rules]]
id   = "limit"
on   = { op = "manifest.get" }
pick = { first = 1 }
do   = { status = 503, headers = { "Retry-After" = "Thu, 01 Jan 2026 00:00:20 GMT" } }
)")
                .outcome,
            Outcome::kOk);
  EXPECT_EQ(served_->clock().Now(), std::chrono::seconds(20));
}

TEST_F(MutantTest, NobodySleepsForADay) {
  const Attempt attempt = Pull("well-behaved", R"(
[[rules]]
id   = "limit"
on   = { op = "manifest.get" }
do   = { status = 429, headers = { "Retry-After" = "86400" } }
)");
  EXPECT_EQ(attempt.error_class, "too_many_requests");
  EXPECT_EQ(served_->clock().Now(), Duration::zero());
  EXPECT_EQ(Requests(), 1U);
}

constexpr std::string_view kListing = R"(
fixture = 1
id      = "test.listing"
title   = "five tags"
manifests.app   = { image = { layers = [] } }
repos."lib/app" = { tags = { "a" = "app", "b" = "app", "c" = "app", "d" = "app", "e" = "app" } }
)";

TEST_F(MutantTest, ReadsAllPagesOfAListing) {
  const Attempt attempt =
      Run("well-behaved", Verb::kListTags, "{registry}/lib/app", std::string(kListing) + R"(
[[rules]]
id = "pages"
on = { op = "tags.list" }
do = { list = { page = 2 } }
)");
  EXPECT_EQ(attempt.outcome, Outcome::kOk) << attempt.err;
  EXPECT_THAT(attempt.tags, ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_EQ(Requests(), 3U);
}

TEST_F(MutantTest, LoopsOnLinks) {
  const std::string trap = std::string(kListing) + R"(
[[rules]]
id = "trap"
on = { op = "tags.list" }
do = { list = { page = 2, next = "self" } }
)";
  const Attempt careful = Run("well-behaved", Verb::kListTags, "{registry}/lib/app", trap);
  EXPECT_EQ(careful.outcome, Outcome::kFailed);
  EXPECT_EQ(careful.error_class, "bad_content");
  served_ = std::make_unique<Served>(trap);
  Task task = served_->TaskFor(Verb::kListTags, "{registry}/lib/app");
  task.budget = std::chrono::milliseconds(100);
  EXPECT_EQ((*MakeMutantClient("loops-on-link", Wire::kInProcess))
                ->Run(task, served_->registry())
                .outcome,
            Outcome::kHung);
}

TEST_F(MutantTest, ChoosesThePlatformOfAnIndex) {
  const std::string fixture = R"(
fixture = 1
id      = "test.index"
title   = "two platforms"
blobs.one = { layer = 100 }
blobs.two = { layer = 100 }
manifests.amd   = { image = { layers = ["one"] } }
manifests.arm   = { image = { layers = ["two"] } }
manifests.index = { index = [ { ref = "amd", platform = "linux/amd64" }, { ref = "arm", platform = "linux/arm64" } ] }
repos."lib/app" = { tags = { "1.0" = "index" } }
)";
  EXPECT_EQ(Run("well-behaved", Verb::kPull, "{registry}/lib/app:1.0", fixture).outcome,
            Outcome::kOk);
  EXPECT_TRUE(served_->HasWhole("one"));
  EXPECT_FALSE(served_->HasBlob("two"));
}

TEST_F(MutantTest, AnUnknownNameIsAnErrorWithASuggestion) {
  const auto client = MakeMutantClient("ignores-digest", Wire::kInProcess);
  ASSERT_FALSE(client.has_value());
  EXPECT_EQ(client.error().id, "client.unknown");
  EXPECT_EQ(client.error().hint, "did you mean `ignores-digests`?");
}

TEST_F(MutantTest, SaysWhatItCannotDo) {
  EXPECT_EQ(Run("well-behaved", Verb::kPush, "{registry}/lib/app:1.0", ImageFixture("")).outcome,
            Outcome::kUnsupported);
  const auto client = MakeMutantClient("well-behaved", Wire::kInProcess);
  EXPECT_EQ((*client)->name(), "mutant:well-behaved");
  EXPECT_TRUE((*client)->Supports(Verb::kPull, {"auth.basic"}));
  EXPECT_TRUE((*client)->Supports(Verb::kPull, {"auth.bearer"}));
  EXPECT_FALSE((*client)->Supports(Verb::kResolve, {}));
  EXPECT_FALSE((*client)->Supports(Verb::kPull, {"telepathy"}));
}

}  // namespace
}  // namespace pullproof::conformance::client

// Every fault of a plan, as the client's socket sees it.
#include "mockregistry/wire/carry_out.h"

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/content/byte_source.h"
#include "tests/mockregistry/wire/raw_client.h"
#include "tests/mockregistry/wire/wire_fixture.h"

namespace pullproof::mockregistry::wire {
namespace {

using script::End;
using script::Framing;
using script::Plan;
using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::EndsWith;

// The same text as in memory, but made piece by piece, as random content is.
class MadeBytes final : public content::ByteSource {
 public:
  explicit MadeBytes(std::uint64_t size) : size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  void Read(std::uint64_t offset, std::span<char> out) const override {
    for (char& byte : out) byte = static_cast<char>('a' + offset++ % 26);
  }

 private:
  std::uint64_t size_;
};

struct FaultCase {
  std::string_view name;
  std::string_view body;
  void (*change)(Plan&);
  std::string head;
  std::string_view received;  // behind the head
  RawClient::End end;
  std::uint64_t body_sent;
  std::string_view ending;
};

class FaultTest : public WireFixture, public ::testing::WithParamInterface<FaultCase> {
 protected:
  // Asks once, with a connection that closes behind an answer that does not close it.
  RawClient::Received Exchange(Plan plan) {
    GetParam().change(plan);
    Serve(std::move(plan));
    const RawClient client(port());
    EXPECT_TRUE(client.Send(Get("/")));
    client.FinishSending();
    return client.ReadToEnd();
  }
};

TEST_P(FaultTest, IsSeenByteForByte) {
  const RawClient::Received received = Exchange(Answer(std::string(GetParam().body)));
  EXPECT_EQ(received.bytes, GetParam().head + std::string(GetParam().received));
  EXPECT_EQ(received.end, GetParam().end);
  EXPECT_THAT(Completions(1),
              ElementsAre(Completion{"", GetParam().body_sent, std::string(GetParam().ending)}));
}

const std::string kLength5 = Head("200 OK", "", "Content-Length: 5\r\n");
const std::string kChunked = Head("200 OK", "", "Transfer-Encoding: chunked\r\n");
constexpr auto kFin = RawClient::End::kFin;
constexpr auto kRst = RawClient::End::kRst;

INSTANTIATE_TEST_SUITE_P(
    Honest, FaultTest,
    ::testing::Values(
        FaultCase{"Length", "hello", [](Plan&) {}, kLength5, "hello", kFin, 5, "complete"},
        FaultCase{"NoBody", "", [](Plan& plan) { plan.response.body = nullptr; },
                  Head("200 OK", "", "Content-Length: 0\r\n"), "", kFin, 0, "complete"},
        FaultCase{"Chunked", "hello", [](Plan& plan) { plan.framing = Framing::kChunked; },
                  kChunked, "5\r\nhello\r\n0\r\n\r\n", kFin, 5, "complete"},
        FaultCase{"ChunkedNothing", "", [](Plan& plan) { plan.framing = Framing::kChunked; },
                  kChunked, "0\r\n\r\n", kFin, 0, "complete"},
        FaultCase{"UntilClose", "hello", [](Plan& plan) { plan.framing = Framing::kUntilClose; },
                  Head("200 OK", "", "Connection: close\r\n"), "hello", kFin, 5, "complete"},
        FaultCase{"NoContent", "hello", [](Plan& plan) { plan.response.status = 204; },
                  Head("204 No Content", "", ""), "", kFin, 0, "complete"},
        FaultCase{"NotModified", "hello", [](Plan& plan) { plan.response.status = 304; },
                  Head("304 Not Modified", "", ""), "", kFin, 0, "complete"},
        FaultCase{"HeadOnly", "hello", [](Plan& plan) { plan.response.head_only = true; }, kLength5,
                  "", kFin, 0, "complete"}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Faults, FaultTest,
    ::testing::Values(
        FaultCase{"StatusLine", "hello", [](Plan& plan) { plan.status_line = "HTP/9.9 banana"; },
                  "HTP/9.9 banana" + kLength5.substr(std::string_view("HTTP/1.1 200 OK").size()),
                  "hello", kFin, 5, "complete"},
        FaultCase{"Headers", "hello",
                  [](Plan& plan) {
                    plan.response.headers = {{"x-B", "1"}, {"X-a", "%2f"}, {"x-B", "2"}};
                  },
                  Head("200 OK", "x-B: 1\r\nX-a: %2f\r\nx-B: 2\r\n", "Content-Length: 5\r\n"),
                  "hello", kFin, 5, "complete"},
        FaultCase{"ShortLength", "hello", [](Plan& plan) { plan.stated_length = 3; },
                  Head("200 OK", "", "Content-Length: 3\r\n"), "hello", kFin, 5, "complete"},
        FaultCase{"LongLength", "hello", [](Plan& plan) { plan.stated_length = 9; },
                  Head("200 OK", "", "Content-Length: 9\r\n"), "hello", kFin, 5, "complete"},
        FaultCase{"CutFin", "hello", [](Plan& plan) { plan.cut_at = 2; }, kLength5, "he", kFin, 2,
                  "cut fin"},
        FaultCase{"CutAtZero", "hello", [](Plan& plan) { plan.cut_at = 0; }, kLength5, "", kFin, 0,
                  "cut fin"},
        FaultCase{"CutBehindTheEnd", "hello", [](Plan& plan) { plan.cut_at = 9; }, kLength5,
                  "hello", kFin, 5, "cut fin"},
        FaultCase{"CutRst", "hello",
                  [](Plan& plan) {
                    plan.cut_at = 2;
                    plan.cut_end = End::kRst;
                  },
                  kLength5, "he", kRst, 2, "cut rst"},
        FaultCase{"CutHang", "hello",
                  [](Plan& plan) {
                    plan.cut_at = 2;
                    plan.cut_end = End::kHang;
                  },
                  kLength5, "he", kFin, 2, "hang"},
        FaultCase{"CutChunks", "hello",
                  [](Plan& plan) {
                    plan.cut_at = 2;
                    plan.framing = Framing::kChunked;
                  },
                  kChunked, "2\r\nhe\r\n", kFin, 2, "cut fin"},
        FaultCase{"ChunkError", "hello!", [](Plan& plan) { plan.chunk_error = true; }, kChunked,
                  "3\r\nhel\r\nxyz\r\n", kFin, 3, "cut fin"},
        FaultCase{"ChunkErrorAtOnce", "", [](Plan& plan) { plan.chunk_error = true; }, kChunked,
                  "xyz\r\n", kFin, 0, "cut fin"},
        FaultCase{"Slices", "hello",
                  [](Plan& plan) {
                    plan.slice = 2;
                    plan.framing = Framing::kChunked;
                  },
                  kChunked, "2\r\nhe\r\n2\r\nll\r\n1\r\no\r\n0\r\n\r\n", kFin, 5, "complete"},
        FaultCase{"InsteadFin", "hello", [](Plan& plan) { plan.instead = End::kFin; }, "", "", kFin,
                  0, "cut fin"},
        FaultCase{"InsteadRst", "hello", [](Plan& plan) { plan.instead = End::kRst; }, "", "", kRst,
                  0, "reset"},
        FaultCase{"InsteadHang", "hello", [](Plan& plan) { plan.instead = End::kHang; }, "", "",
                  kFin, 0, "hang"}),
    [](const auto& test) { return std::string(test.param.name); });

class CarryOutTest : public WireFixture {
 protected:
  // The answer to one request, read to the end of the connection.
  std::string Ask(Plan plan, std::string_view request) {
    Serve(std::move(plan));
    const RawClient client(port());
    EXPECT_TRUE(client.Send(request));
    return client.ReadToEnd().bytes;
  }
};

TEST_F(CarryOutTest, HeadHasTheLengthButNoBody) {
  EXPECT_EQ(Ask(Answer("hello"), "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
            Head("200 OK", "", "Connection: close\r\nContent-Length: 5\r\n"));
  EXPECT_THAT(Completions(1), ElementsAre(Completion{"", 0, "complete"}));
}

TEST_F(CarryOutTest, HeadAndSmallBodyAreOnePacket) {
  Serve(Answer(std::string(1'000, 'x')));
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/")));
  EXPECT_THAT(client.ReadAnswer(), EndsWith(std::string(1'000, 'x')));
  EXPECT_EQ(client.DataPackets(), 1U);
}

TEST_F(CarryOutTest, SlicesArePackets) {
  Plan plan = Answer("hello");
  plan.slice = 1;
  Serve(plan);
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/")));
  EXPECT_EQ(client.ReadAnswer(), kLength5 + "hello");
  EXPECT_EQ(client.DataPackets(), 5U);
}

TEST_F(CarryOutTest, WaitsOnTheClock) {
  Plan plan = Answer("hello");
  plan.wait = 60s;
  Serve(plan);
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/")));
  // The clock stood at 00:00:00 when the request came.
  EXPECT_THAT(client.ReadAnswer(), ::testing::HasSubstr("Date: Thu, 01 Jan 2026 00:01:00 GMT"));
  EXPECT_EQ(clock_.Now(), Duration(60s));
}

TEST_F(CarryOutTest, AThrottledBodyTakesItsTime) {
  Plan plan = Answer(std::string(1'000, 'x'));
  plan.bytes_per_s = 100;
  Serve(plan);
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/")));
  EXPECT_THAT(client.ReadAnswer(), EndsWith(std::string(1'000, 'x')));
  // 100 pieces of 10 bytes; there is no wait behind the last one.
  EXPECT_NEAR(std::chrono::duration<double>(clock_.Now()).count(), 9.9, 0.001);
}

TEST_F(CarryOutTest, SendsWhatIsMadePieceByPiece) {
  constexpr std::uint64_t kSize = (std::uint64_t{3} << 20) + 17;
  const MadeBytes bytes(kSize);
  Plan plan;
  plan.response.body = std::make_shared<MadeBytes>(kSize);
  Serve(plan);
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/")));
  const std::string answer = client.ReadAnswer();
  const std::string head = Head("200 OK", "", "Content-Length: 3145745\r\n");
  EXPECT_EQ(answer.substr(0, head.size()), head);
  EXPECT_TRUE(answer.substr(head.size()) == content::ReadAll(bytes));
  EXPECT_THAT(Completions(1), ElementsAre(Completion{"", kSize, "complete"}));
}

TEST_F(CarryOutTest, AResetDoesNotOvertakeWhatWasSent) {
  constexpr std::uint64_t kCut = 200'000;
  Plan plan = Answer(std::string(1'000'000, 'x'));
  plan.cut_at = kCut;
  plan.cut_end = End::kRst;
  Serve(plan);
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/")));
  const RawClient::Received received = client.ReadToEnd();
  EXPECT_EQ(received.bytes.size(), Head("200 OK", "", "Content-Length: 1000000\r\n").size() + kCut);
  EXPECT_EQ(received.end, RawClient::End::kRst);
}

TEST_F(CarryOutTest, AHangingConnectionIsSilent) {
  Plan plan = Answer("hello");
  plan.instead = End::kHang;
  Serve(plan);
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/")));
  EXPECT_THAT(Completions(1), ElementsAre(Completion{"", 0, "hang"}));
  EXPECT_TRUE(client.IsSilent());
}

// A body that is much larger than any socket's buffer, for clients that do not read it.
Plan Endless() {
  Plan plan;
  plan.response.body = content::Zeros(std::uint64_t{10} << 30);
  return plan;
}

TEST_F(CarryOutTest, AClientThatGoesAwayIsNoticed) {
  Serve(Endless());
  {
    const RawClient client(port());
    ASSERT_TRUE(client.Send(Get("/")));
    EXPECT_THAT(client.Read(100), ::testing::SizeIs(100));
  }
  const auto completions = Completions(1);
  ASSERT_EQ(completions.size(), 1U);
  EXPECT_EQ(completions[0].ending, "client gone");
  EXPECT_GT(completions[0].body_sent, 0U);
  EXPECT_LT(completions[0].body_sent, std::uint64_t{10} << 30);
}

TEST_F(CarryOutTest, AClientThatGivesUpIsNotWaitedFor) {
  Plan plan = Answer("hello");
  plan.wait = std::chrono::hours(1'000'000);
  Serve(plan);
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/")));
  client.FinishSending();
  EXPECT_EQ(client.ReadToEnd().bytes, "");
  EXPECT_THAT(Completions(1), ElementsAre(Completion{"", 0, "client gone"}));
}

TEST_F(CarryOutTest, StoppingEndsATransferThatIsStuck) {
  Serve(Endless());
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/")));
  EXPECT_THAT(client.Read(100), ::testing::SizeIs(100));
  Stop();
  const auto completions = Completions(1);
  ASSERT_EQ(completions.size(), 1U);
  EXPECT_EQ(completions[0].ending, "stopped");
}

}  // namespace
}  // namespace pullproof::mockregistry::wire

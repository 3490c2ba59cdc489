#include "mockregistry/wire/response_head.h"

#include <chrono>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/content/byte_source.h"

namespace pullproof::mockregistry::wire {
namespace {

using script::Framing;
using script::Plan;

const std::chrono::system_clock::time_point kNow{std::chrono::seconds{784'111'777}};
constexpr std::string_view kDate = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

RequestHead Request(std::string method = "GET", bool persists = true) {
  RequestHead head;
  head.method = std::move(method);
  head.persists = persists;
  return head;
}

Plan Answer(int status = 200) {
  Plan plan;
  plan.response.status = status;
  plan.response.body = content::FromString("hello");
  return plan;
}

TEST(ResponseHeadTest, KeepsThePlansHeadersAndAddsWhatIsMissing) {
  Plan plan = Answer(404);
  plan.response.headers = {{"x-LAST", "1"}, {"Content-Type", "text/plain"}, {"x-LAST", "2"}};
  EXPECT_EQ(ResponseHead(plan, Request(), kNow),
            "HTTP/1.1 404 Not Found\r\nx-LAST: 1\r\nContent-Type: text/plain\r\nx-LAST: 2\r\n" +
                std::string(kDate) + "Content-Length: 5\r\n\r\n");
}

TEST(ResponseHeadTest, AddsNothingThatThePlanHas) {
  Plan plan = Answer();
  plan.response.headers = {{"content-length", "7"}, {"date", "never"}, {"connection", "upgrade"}};
  EXPECT_EQ(ResponseHead(plan, Request("GET", false), kNow),
            "HTTP/1.1 200 OK\r\ncontent-length: 7\r\ndate: never\r\nconnection: upgrade\r\n\r\n");
}

TEST(ResponseHeadTest, WritesTheStatusLineOfThePlan) {
  Plan plan = Answer();
  plan.status_line = "HTP/9.9 banana";
  EXPECT_EQ(ResponseHead(plan, Request(), kNow),
            "HTP/9.9 banana\r\n" + std::string(kDate) + "Content-Length: 5\r\n\r\n");
}

TEST(ResponseHeadTest, NoValueCanAddALine) {
  Plan plan = Answer();
  plan.response.headers = {{"Location", std::string("/a\r\nEvil: 1\0", 12)}, {"N\r\nE", "v"}};
  EXPECT_EQ(ResponseHead(plan, Request(), kNow),
            "HTTP/1.1 200 OK\r\nLocation: /a  Evil: 1 \r\nN  E: v\r\n" + std::string(kDate) +
                "Content-Length: 5\r\n\r\n");
}

struct FramingCase {
  std::string_view name;
  RequestHead request;
  int status;
  void (*change)(Plan&);
  std::string_view lines;  // behind the date
  bool sends_body;
  bool ends_connection;
};

class FramingTest : public ::testing::TestWithParam<FramingCase> {};

TEST_P(FramingTest, IsAsThePlanAndTheRequestSay) {
  Plan plan = Answer(GetParam().status);
  GetParam().change(plan);
  const std::string head = ResponseHead(plan, GetParam().request, kNow);
  const std::size_t date = head.find(kDate);
  ASSERT_NE(date, std::string::npos) << head;
  EXPECT_EQ(head.substr(date + kDate.size()), std::string(GetParam().lines) + "\r\n");
  const AnswerShape shape = ShapeOf(plan, GetParam().request);
  EXPECT_EQ(shape.sends_body, GetParam().sends_body);
  EXPECT_EQ(shape.ends_connection, GetParam().ends_connection);
  EXPECT_EQ(shape.body_size, 5U);
}

void AsItIs(Plan& /*plan*/) {}

INSTANTIATE_TEST_SUITE_P(
    Plans, FramingTest,
    ::testing::Values(
        FramingCase{"Length", Request(), 200, AsItIs, "Content-Length: 5\r\n", true, false},
        FramingCase{"Head", Request("HEAD"), 200, AsItIs, "Content-Length: 5\r\n", false, false},
        FramingCase{"HeadOnly", Request(), 200, [](Plan& plan) { plan.response.head_only = true; },
                    "Content-Length: 5\r\n", false, false},
        FramingCase{"NoContent", Request(), 204, AsItIs, "", false, false},
        FramingCase{"NotModified", Request(), 304, AsItIs, "", false, false},
        FramingCase{"Informational", Request(), 103, AsItIs, "", false, false},
        FramingCase{"NoContentWithALength", Request(), 204,
                    [](Plan& plan) { plan.stated_length = 9; }, "Content-Length: 9\r\n", false,
                    false},
        FramingCase{"Chunked", Request(), 200, [](Plan& plan) { plan.framing = Framing::kChunked; },
                    "Transfer-Encoding: chunked\r\n", true, false},
        FramingCase{"ChunkError", Request(), 200, [](Plan& plan) { plan.chunk_error = true; },
                    "Transfer-Encoding: chunked\r\n", true, false},
        FramingCase{"UntilClose", Request(), 200,
                    [](Plan& plan) { plan.framing = Framing::kUntilClose; },
                    "Connection: close\r\n", true, true},
        FramingCase{"TooLongALength", Request(), 200, [](Plan& plan) { plan.stated_length = 9; },
                    "Content-Length: 9\r\n", true, true},
        FramingCase{"StatedButTrue", Request(), 200, [](Plan& plan) { plan.stated_length = 5; },
                    "Content-Length: 5\r\n", true, false},
        FramingCase{"LengthThatLiesToHead", Request("HEAD"), 200,
                    [](Plan& plan) { plan.stated_length = 9; }, "Content-Length: 9\r\n", false,
                    false},
        FramingCase{"ClientCloses", Request("GET", false), 200, AsItIs,
                    "Connection: close\r\nContent-Length: 5\r\n", true, true}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ShapeOfTest, HeadersOfThePlanCanEndTheConnection) {
  Plan closing = Answer();
  closing.response.headers = {{"Connection", "Close"}};
  EXPECT_TRUE(ShapeOf(closing, Request()).ends_connection);
  Plan lying = Answer();
  lying.response.headers = {{"Content-Length", "4"}};
  EXPECT_TRUE(ShapeOf(lying, Request()).ends_connection);
  Plan honest = Answer();
  honest.response.headers = {{"Content-Length", "5"}};
  EXPECT_FALSE(ShapeOf(honest, Request()).ends_connection);
}

TEST(HttpDateTest, WritesTheFixedForm) {
  EXPECT_EQ(HttpDate(kNow), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(HttpDate(kNow + std::chrono::milliseconds{999}), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(HttpDate(std::chrono::sys_days(std::chrono::February / 29 / 2028)),
            "Tue, 29 Feb 2028 00:00:00 GMT");
}

TEST(ReasonOfTest, KnowsTheStatusesOfTheRfcs) {
  EXPECT_EQ(ReasonOf(200), "OK");
  EXPECT_EQ(ReasonOf(429), "Too Many Requests");
  EXPECT_EQ(ReasonOf(299), "Unknown");
}

}  // namespace
}  // namespace pullproof::mockregistry::wire

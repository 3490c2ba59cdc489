#include "mockregistry/script/effect.h"

#include <chrono>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/script/script_fixture.h"

namespace pullproof::mockregistry::script {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// `text` holds what stands between the braces of `do`.
Effect Read(std::string_view text) {
  return ReadOne(fmt::format("on = {{}}, do = {{ {} }}", text)).effect;
}

std::vector<std::string> Complaints(std::string_view text) {
  return ReadScript(fmt::format("[[rules]]\ndo = {{ {} }}\nid = \"r\"\non = {{}}", text))
      .complaints;
}

TEST(ReadEffectTest, WaitAndConnection) {
  EXPECT_EQ(Read(R"(wait = "250ms")").wait, 250ms);
  EXPECT_EQ(Read(R"(wait = "2s", conn = "reset")").wait, 2s);
  EXPECT_EQ(Read(R"(conn = "reset")").connection, End::kRst);
  EXPECT_EQ(Read(R"(conn = "close")").connection, End::kFin);
  EXPECT_EQ(Read(R"(conn = "hang")").connection, End::kHang);
  EXPECT_EQ(Read("status = 500").connection, std::nullopt);
}

TEST(ReadEffectTest, StatusErrorAndHeaders) {
  const Effect effect = Read(R"(status = 429, error = "TOOMANYREQUESTS",
                                headers = { "Retry-After" = "1", "X-A" = "" },
                                drop_headers = ["ETag"], status_line = "HTTP/1.1 429 Slow down")");
  EXPECT_EQ(effect.status, 429);
  EXPECT_EQ(effect.error, "TOOMANYREQUESTS");
  EXPECT_THAT(effect.headers, ElementsAre(Pair("Retry-After", "1"), Pair("X-A", "")));
  EXPECT_THAT(effect.drop_headers, ElementsAre("ETag"));
  EXPECT_EQ(effect.status_line, "HTTP/1.1 429 Slow down");
}

TEST(ReadEffectTest, Redirect) {
  const Redirect plain = Read(R"(redirect = { host = "cdn" })").redirect.value();
  EXPECT_EQ(plain.host, "cdn");
  EXPECT_EQ(plain.status, 307);
  EXPECT_TRUE(plain.keep_path);
  EXPECT_THAT(plain.query, IsEmpty());
  const Redirect full = Read(R"(redirect = { host = "cdn", status = 302, keep_path = false,
                                             query = { sig = "abc%2F123", b = "" } })")
                            .redirect.value();
  EXPECT_EQ(full.status, 302);
  EXPECT_FALSE(full.keep_path);
  EXPECT_THAT(full.query, ElementsAre(Pair("sig", "abc%2F123"), Pair("b", "")));
}

struct NextCase {
  const char* name;
  std::string_view next;
  api::ListShape::Next expected;
};

class ReadNextTest : public testing::TestWithParam<NextCase> {};

TEST_P(ReadNextTest, KnowsEveryKind) {
  const Effect effect = Read(fmt::format("list = {{ page = 10, next = {} }}", GetParam().next));
  ASSERT_TRUE(effect.list.has_value());
  EXPECT_EQ(effect.list->page, 10);
  EXPECT_EQ(effect.list->next, GetParam().expected);
  const bool is_absolute = GetParam().expected == api::ListShape::Next::kAbsolute;
  EXPECT_EQ(effect.list_host, is_absolute ? std::optional<std::string>("cdn") : std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, ReadNextTest,
    testing::Values(NextCase{"Cursor", R"("cursor")", api::ListShape::Next::kCursor},
                    NextCase{"Relative", R"("relative")", api::ListShape::Next::kRelative},
                    NextCase{"Self", R"("self")", api::ListShape::Next::kSelf},
                    NextCase{"Again", R"("again")", api::ListShape::Next::kAgain},
                    NextCase{"None", R"("none")", api::ListShape::Next::kNone},
                    NextCase{"Absolute", R"({ absolute = "cdn" })",
                             api::ListShape::Next::kAbsolute}),
    [](const auto& test) { return test.param.name; });

TEST(ReadEffectTest, AListMayStateItsPageAlone) {
  const Effect effect = Read("list = { page = 0 }");
  EXPECT_EQ(effect.list->page, 0);
  EXPECT_EQ(effect.list->next, api::ListShape::Next::kRelative);
}

TEST(ReadEffectTest, TokenAndDescriptor) {
  const Effect effect = Read(R"(token = { field = "none", valid_uses = 3 },
              descriptor = { of = "layer", size = -5, digest = "other", type = "a/b" })");
  EXPECT_EQ(effect.token->field, auth::TokenShape::Field::kNone);
  EXPECT_EQ(effect.token->valid_uses, 3);
  EXPECT_EQ(effect.descriptor->of, "layer");
  EXPECT_EQ(effect.descriptor->size, -5);
  EXPECT_EQ(effect.descriptor->digest, "other");
  EXPECT_EQ(effect.descriptor->type, "a/b");
}

TEST(ReadEffectTest, Body) {
  const BodyFault body = Read(R"(body = { flip_bit = 7, swap = "other", append = "x",
                                          cut = { at = "40%", end = "rst" }, bytes_per_s = "64KiB",
                                          slice = 3, length = "chunked", chunk_error = true })")
                             .body.value();
  EXPECT_EQ(body.flip_bit, 7);
  EXPECT_EQ(body.swap, "other");
  EXPECT_EQ(body.append, "x");
  EXPECT_EQ(body.cut->at.percent, 40);
  EXPECT_EQ(body.cut->ending, Cut::Ending::kRst);
  EXPECT_EQ(body.bytes_per_s, 65536);
  EXPECT_EQ(body.slice, 3);
  EXPECT_EQ(body.framing, Framing::kChunked);
  EXPECT_EQ(body.length, std::nullopt);
  EXPECT_TRUE(body.chunk_error);
}

TEST(ReadEffectTest, Lengths) {
  EXPECT_EQ(Read("body = { length = 5 }").body->length, 5);
  EXPECT_EQ(Read("body = { length = 5 }").body->framing, std::nullopt);
  EXPECT_EQ(Read(R"(body = { length = "omit" })").body->framing, Framing::kUntilClose);
  EXPECT_EQ(Read(R"(body = { append = "x" })").body->framing, std::nullopt);
}

TEST(ReadEffectTest, Cuts) {
  const auto cut = [](std::string_view text) {
    return Read(fmt::format("body = {{ cut = {{ {} }} }}", text)).body->cut.value();
  };
  EXPECT_EQ(cut("at = 5").at.bytes, 5);
  EXPECT_EQ(cut("at = 5").at.percent, std::nullopt);
  EXPECT_EQ(cut("at = 5").ending, Cut::Ending::kFin);
  EXPECT_EQ(cut(R"(at = "1KiB", end = "fin")").at.bytes, 1024);
  EXPECT_EQ(cut(R"(at = "100%", end = "hang")").at.percent, 100);
  EXPECT_EQ(cut(R"(at = "0%", end = "tidy")").ending, Cut::Ending::kTidy);
}

struct PlaceCase {
  const char* name;
  BodyPlace place;
  std::uint64_t size;
  std::uint64_t at;
};

class BodyPlaceTest : public testing::TestWithParam<PlaceCase> {};

TEST_P(BodyPlaceTest, LiesInTheBody) {
  EXPECT_EQ(GetParam().place.In(GetParam().size), GetParam().at);
}

INSTANTIATE_TEST_SUITE_P(
    Places, BodyPlaceTest,
    testing::Values(PlaceCase{"Bytes", {4, {}}, 10, 4}, PlaceCase{"BehindTheEnd", {11, {}}, 10, 10},
                    PlaceCase{"Percent", {0, 40}, 1'048'576, 419'430},
                    PlaceCase{"RoundsDown", {0, 99}, 10, 9}, PlaceCase{"Zero", {0, 0}, 10, 0},
                    PlaceCase{"Whole", {0, 100}, 10, 10}, PlaceCase{"OfNothing", {0, 50}, 0, 0},
                    PlaceCase{"Huge", {0, 50}, UINT64_MAX, UINT64_MAX / 2}),
    [](const auto& test) { return test.param.name; });

// --- Complaints
// -------------------------------------------------------------------------------------

struct ComplaintCase {
  const char* name;
  std::string_view text;
  std::string_view complaint;
};

class EffectComplaintTest : public testing::TestWithParam<ComplaintCase> {};

// The text begins in line 2, column 8.
TEST_P(EffectComplaintTest, SaysWhatAndWhere) {
  EXPECT_THAT(Complaints(GetParam().text), ElementsAre(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    Members, EffectComplaintTest,
    testing::Values(
        ComplaintCase{"Nothing", "",
                      "case.toml:2:6: error: `do` of rule `r` is empty [script.no-effect]\n"
                      "  a rule must do something: leave it out, or state a fault"},
        ComplaintCase{"Unknown", "statsu = 500",
                      "case.toml:2:8: error: `do` of rule `r` has an unknown member `statsu` "
                      "[model.unknown-member]\n  did you mean `status`?"},
        ComplaintCase{"Fault", "body = { flip_bt = 1 }",
                      "case.toml:2:17: error: `body` of rule `r` has an unknown member `flip_bt` "
                      "[model.unknown-member]\n  did you mean `flip_bit`?"},
        ComplaintCase{"Misplaced", "flip_bit = 1",
                      "case.toml:2:8: error: `flip_bit` stands in `do` of rule `r` itself "
                      "[script.misplaced]\n  write do = { body = { flip_bit = … } }"},
        ComplaintCase{"EmptyBody", "body = {}",
                      "case.toml:2:15: error: `body` of rule `r` is empty [script.no-effect]"},
        ComplaintCase{"Wait", R"(wait = "5 minutes")",
                      "case.toml:2:15: error: `wait` of rule `r`: `5 minutes` is no duration of up "
                      "to an hour [duration.syntax]\n"
                      "  write a whole number with us, ms or s: \"950ms\""},
        ComplaintCase{"Connection", R"(conn = "rst")",
                      "case.toml:2:15: error: `conn` of `do` of rule `r` cannot be `rst` "
                      "[model.unknown-value]\n  expected one of: reset, close, hang, refuse, "
                      "tls-alert, tls-expired, "
                      "tls-wrong-name"},
        ComplaintCase{"Status", "status = 99",
                      "case.toml:2:17: error: `status` of `do` of rule `r` is 99, outside 200 to "
                      "599 [model.range]"},
        ComplaintCase{"ErrorCode", R"(error = "TOOMANYREQUEST")",
                      "case.toml:2:16: error: `error` of rule `r` is `TOOMANYREQUEST`, no code of "
                      "the distribution spec, and there is no `status` [script.error-code]\n"
                      "  did you mean `TOOMANYREQUESTS`?"},
        ComplaintCase{"ErrorCodeWithStatus", R"(status = 429, error = "TOOMANYREQUEST")",
                      "case.toml:2:30: warning: `error` of rule `r` is `TOOMANYREQUEST`, no code "
                      "of the distribution spec [script.error-code]\n"
                      "  did you mean `TOOMANYREQUESTS`?"},
        ComplaintCase{"StatusLine", R"(status_line = "")",
                      "case.toml:2:22: error: `status_line` of rule `r` is empty or has control "
                      "characters [script.status-line]\n"
                      "  write the whole line without its end, as in \"HTTP/1.1 999 Odd\""},
        ComplaintCase{"StatusLineWithBreak", R"(status_line = "HTTP/1.1 200 OK\r\nX: y")",
                      "case.toml:2:22: error: `status_line` of rule `r` is empty or has control "
                      "characters [script.status-line]\n"
                      "  write the whole line without its end, as in \"HTTP/1.1 999 Odd\""}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Headers, EffectComplaintTest,
    testing::Values(
        ComplaintCase{"Name", R"(headers = { "X Y" = "a" })",
                      "case.toml:2:28: error: `X Y` of rule `r` is no header name [script.header]"},
        ComplaintCase{"Value", R"(headers = { X = "a\r\nY: b" })",
                      "case.toml:2:24: error: the value of header `X` of rule `r` has control "
                      "characters [script.header]"},
        ComplaintCase{"Framing", R"(headers = { content-length = "5" })",
                      "case.toml:2:37: error: `content-length` of rule `r` frames the message and "
                      "is made from the body [script.header]\n"
                      "  use body.length: a number, \"omit\" or \"chunked\""},
        ComplaintCase{"Drop", R"(drop_headers = ["Transfer-Encoding"])",
                      "case.toml:2:23: error: `Transfer-Encoding` of rule `r` frames the message "
                      "and is made from the body [script.header]\n"
                      "  use body.length: a number, \"omit\" or \"chunked\""},
        ComplaintCase{"DropNothing", R"(drop_headers = [""])",
                      "case.toml:2:23: error: `` of rule `r` is no header name [script.header]"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Redirects, EffectComplaintTest,
    testing::Values(
        ComplaintCase{"NoHost", "redirect = {}",
                      "case.toml:2:19: error: `redirect` of rule `r` has no `host` "
                      "[model.missing-member]"},
        ComplaintCase{"Host", R"(redirect = { host = "cdnn" })",
                      "case.toml:2:28: error: `host` of `redirect` of rule `r` is `cdnn`, no host "
                      "of this fixture [script.unknown-host]\n  did you mean `cdn`?"},
        ComplaintCase{"Status", R"(redirect = { host = "cdn", status = 300 })",
                      "case.toml:2:44: error: `status` of `redirect` of rule `r` is 300, no "
                      "redirect [model.range]\n  use 301, 302, 303, 307 or 308"},
        ComplaintCase{"Query", R"(redirect = { host = "cdn", query = { a = "b c" } })",
                      "case.toml:2:49: error: `a` of `redirect` of rule `r` cannot stand in a URL "
                      "as it is written [script.query]\n"
                      "  percent-encode it: values are sent byte for byte"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Shapes, EffectComplaintTest,
    testing::Values(
        ComplaintCase{"Next", R"(list = { next = "sefl" })",
                      "case.toml:2:24: error: `next` of `list` of rule `r` cannot be `sefl` "
                      "[model.unknown-value]\n"
                      "  expected one of: cursor, relative, self, again, none"},
        ComplaintCase{"NextHost", R"(list = { next = { absolute = "x" } })",
                      "case.toml:2:37: error: `absolute` of `next` of `list` of rule `r` is `x`, "
                      "no host of this fixture [script.unknown-host]\n"
                      "  expected one of: registry, cdn"},
        ComplaintCase{"Page", "list = { page = -1 }",
                      "case.toml:2:24: error: `page` of `list` of rule `r` is -1, outside 0 to "
                      "1000000 [model.range]"},
        ComplaintCase{"Token", R"(token = { fild = "none" })",
                      "case.toml:2:18: error: `token` of rule `r` has an unknown member `fild` "
                      "[model.unknown-member]\n  did you mean `field`?"},
        ComplaintCase{"DescriptorOf", R"(descriptor = { of = "leyer", size = 1 })",
                      "case.toml:2:28: error: `of` of `descriptor` of rule `r` names `leyer`, "
                      "which this fixture does not have [script.unknown-name]\n"
                      "  did you mean `layer`?"},
        ComplaintCase{"DescriptorOfNothing", R"(descriptor = { of = "layer" })",
                      "case.toml:2:21: error: `descriptor` of rule `r` states neither `size` nor "
                      "`digest` nor `type` [script.no-effect]"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Bodies, EffectComplaintTest,
    testing::Values(
        ComplaintCase{"Swap", R"(body = { swap = "othr" })",
                      "case.toml:2:24: error: `swap` of `body` of rule `r` names `othr`, which "
                      "this fixture does not have [script.unknown-name]\n  did you mean `other`?"},
        ComplaintCase{"FlipBit", "body = { flip_bit = -1 }",
                      "case.toml:2:28: error: `flip_bit` of `body` of rule `r` is -1, outside 0 to "
                      "9223372036854775807 [model.range]"},
        ComplaintCase{"CutNowhere", "body = { cut = {} }",
                      "case.toml:2:23: error: `cut` of `body` of rule `r` has no `at` "
                      "[model.missing-member]"},
        ComplaintCase{"CutTooFar", R"(body = { cut = { at = "101%" } })",
                      "case.toml:2:30: error: `at` of `cut` of `body` of rule `r` must be a place "
                      "in the body, as 100, \"64KiB\" or \"40%\" [script.amount]"},
        ComplaintCase{"CutNegative", "body = { cut = { at = -1 } }",
                      "case.toml:2:30: error: `at` of `cut` of `body` of rule `r` must be a place "
                      "in the body, as 100, \"64KiB\" or \"40%\" [script.amount]"},
        ComplaintCase{"CutEnd", R"(body = { cut = { at = 1, end = "reset" } })",
                      "case.toml:2:39: error: `end` of `cut` of `body` of rule `r` cannot be "
                      "`reset` [model.unknown-value]\n  expected one of: fin, rst, hang, tidy"},
        ComplaintCase{"TidyWhole", R"(body = { cut = { at = "100%", end = "tidy" } })",
                      "case.toml:2:30: error: a tidy `cut` of `body` of rule `r` at 100% cuts "
                      "nothing [script.no-effect]"},
        ComplaintCase{"Rate", R"(body = { bytes_per_s = "64KB" })",
                      "case.toml:2:31: error: `bytes_per_s` of `body` of rule `r` must be a number "
                      "of bytes, as 100 or \"64KiB\" [script.amount]"},
        ComplaintCase{"Slice", "body = { slice = -1 }",
                      "case.toml:2:25: error: `slice` of `body` of rule `r` must be a number of "
                      "bytes, as 100 or \"64KiB\" [script.amount]"},
        ComplaintCase{"Length", R"(body = { length = "none" })",
                      "case.toml:2:26: error: `length` of `body` of rule `r` must be a number of "
                      "bytes, \"omit\" or \"chunked\" [script.amount]"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Conflicts, EffectComplaintTest,
    testing::Values(
        ComplaintCase{"Connection", R"(wait = "1s", conn = "reset", status = 500)",
                      "case.toml:2:37: error: `conn` of rule `r` leaves no answer that `status` "
                      "could change [script.conflict]"},
        ComplaintCase{"RedirectStatus", R"(status = 302, redirect = { host = "cdn" })",
                      "case.toml:2:17: error: `status` of rule `r` and `redirect` both set the "
                      "status [script.conflict]\n  write it as redirect.status"},
        ComplaintCase{"RedirectLocation",
                      R"(headers = { location = "x" }, redirect = { host = "cdn" })",
                      "case.toml:2:31: error: header `location` of rule `r` would be replaced by "
                      "`redirect` [script.conflict]\n"
                      "  to send any Location, use `status` and `headers` without `redirect`"},
        ComplaintCase{"ChunkErrorWithLength", "body = { chunk_error = true, length = 3 }",
                      "case.toml:2:31: error: `chunk_error` of `body` of rule `r` needs chunks, "
                      "which `length` rules out [script.conflict]"},
        ComplaintCase{"ChunkErrorUntilClose", R"(body = { chunk_error = true, length = "omit" })",
                      "case.toml:2:31: error: `chunk_error` of `body` of rule `r` needs chunks, "
                      "which `length` rules out [script.conflict]"},
        ComplaintCase{"TidyWithLength", R"(body = { length = 3, cut = { at = 1, end = "tidy" } })",
                      "case.toml:2:26: error: `length` of `body` of rule `r` says the length that "
                      "a tidy cut is to correct [script.conflict]"}),
    [](const auto& test) { return test.param.name; });

TEST(ReadEffectTest, AnInventedErrorCodeWithAStatusIsMeant) {
  EXPECT_EQ(Read(R"(status = 418, error = "TEAPOT")").error, "TEAPOT");
}

}  // namespace
}  // namespace pullproof::mockregistry::script

#include "mockregistry/script/apply.h"

#include <array>
#include <chrono>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/content/byte_source.h"
#include "tests/mockregistry/script/script_fixture.h"

namespace pullproof::mockregistry::script {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kTarget = "/v2/lib/app/blobs/sha256:ab";
constexpr std::string_view kBody = "0123456789";

api::Request Ask(std::string_view method = "GET", std::string_view target = kTarget) {
  api::Request request;
  request.method = method;
  request.target = target;
  return request;
}

// The honest answer to a blob request.
api::Response Honest(std::string_view method = "GET") {
  api::Response response;
  response.headers = {{"Content-Type", "application/octet-stream"},
                      {"Docker-Content-Digest", "sha256:ab"},
                      {"ETag", "\"ab\""}};
  response.body = content::FromString(std::string(kBody));
  response.head_only = method == "HEAD";
  return response;
}

// `text` holds what stands between the braces of `do`; empty for no rule.
Plan Carry(std::string_view text, const api::Request& request, api::Response answer) {
  const Surroundings surroundings{.content = &SomeContent(), .origin = [](std::string_view host) {
                                    return fmt::format("http://{}.localhost:1", host);
                                  }};
  std::optional<Rule> rule;
  if (!text.empty()) rule = ReadOne(fmt::format("on = {{}}, do = {{ {} }}", text));
  return Apply(rule ? &*rule : nullptr, request, std::move(answer), surroundings);
}

Plan Get(std::string_view text) { return Carry(text, Ask(), Honest()); }
Plan Head(std::string_view text) { return Carry(text, Ask("HEAD"), Honest("HEAD")); }

std::string BodyOf(const Plan& plan) {
  return plan.response.body == nullptr ? "(none)" : content::ReadAll(*plan.response.body);
}

// Everything about a plan but its body and headers.
std::string Summary(const Plan& plan) {
  std::string text = fmt::format("{} {}", plan.rule, plan.response.status);
  if (plan.wait != Duration::zero()) text += fmt::format(" wait={}us", plan.wait / 1us);
  if (plan.instead) text += fmt::format(" instead={}", static_cast<int>(*plan.instead));
  if (!plan.status_line.empty()) text += fmt::format(" line={}", plan.status_line);
  if (plan.response.head_only) text += " head";
  if (plan.framing != Framing::kLength) {
    text += plan.framing == Framing::kChunked ? " chunked" : " until-close";
  }
  if (plan.stated_length) text += fmt::format(" length={}", *plan.stated_length);
  if (plan.cut_at) {
    constexpr std::array<std::string_view, 3> kEnds{"fin", "rst", "hang"};
    text +=
        fmt::format(" cut={}/{}", *plan.cut_at, kEnds.at(static_cast<std::size_t>(plan.cut_end)));
  }
  if (plan.bytes_per_s != 0) text += fmt::format(" rate={}", plan.bytes_per_s);
  if (plan.slice != 0) text += fmt::format(" slice={}", plan.slice);
  if (plan.chunk_error) text += " chunk-error";
  return text;
}

TEST(ApplyTest, WithoutARuleThePlanIsTheAnswer) {
  const Plan plan = Get("");
  EXPECT_EQ(Summary(plan), " 200");
  EXPECT_EQ(plan.response.headers, Honest().headers);
  EXPECT_EQ(BodyOf(plan), kBody);
}

struct PlanCase {
  const char* name;
  std::string_view text;
  std::string_view get;  // summary and body of GET
  std::string_view get_body;
  std::string_view head;  // summary and length of HEAD
  std::size_t head_length;
};

class PlanTest : public testing::TestWithParam<PlanCase> {};

TEST_P(PlanTest, IsWhatTheEffectSays) {
  const Plan get = Get(GetParam().text);
  EXPECT_EQ(Summary(get), GetParam().get);
  EXPECT_EQ(BodyOf(get), GetParam().get_body);
}

TEST_P(PlanTest, HeadIsAlteredAsFarAsHeadersShow) {
  const Plan head = Head(GetParam().text);
  EXPECT_EQ(Summary(head), GetParam().head);
  EXPECT_EQ(head.response.body == nullptr ? 0 : head.response.body->size(), GetParam().head_length);
  EXPECT_EQ(head.response.headers, Get(GetParam().text).response.headers);
}

INSTANTIATE_TEST_SUITE_P(
    Phases, PlanTest,
    testing::Values(
        PlanCase{"Wait", R"(wait = "2ms")", "r 200 wait=2000us", kBody, "r 200 wait=2000us head",
                 10},
        PlanCase{"Close", R"(conn = "close")", "r 200 instead=0", kBody, "r 200 instead=0 head",
                 10},
        PlanCase{"Reset", R"(conn = "reset")", "r 200 instead=1", kBody, "r 200 instead=1 head",
                 10},
        PlanCase{"HangAfterWait", R"(wait = "1us", conn = "hang")", "r 200 wait=1us instead=2",
                 kBody, "r 200 wait=1us instead=2 head", 10},
        PlanCase{"Status", "status = 503", "r 503", kBody, "r 503 head", 10},
        PlanCase{"NoContent", "status = 204", "r 204", "(none)", "r 204 head", 0},
        PlanCase{"NotModified", "status = 304", "r 304", "(none)", "r 304 head", 0},
        PlanCase{"NoContentWithBody", R"(status = 204, body = { append = "!" })", "r 204", "!",
                 "r 204 head", 1},
        PlanCase{
            "Error", R"(error = "TOOMANYREQUESTS")", "r 429",
            R"({"errors":[{"code":"TOOMANYREQUESTS","message":"rule r of the fixture says so"}]})",
            "r 429 head", 81},
        PlanCase{"ErrorWithStatus", R"(error = "DENIED", status = 404)", "r 404",
                 R"({"errors":[{"code":"DENIED","message":"rule r of the fixture says so"}]})",
                 "r 404 head", 72},
        PlanCase{"StatusLine", R"(status_line = "HTTP/1.1 999 Odd")", "r 200 line=HTTP/1.1 999 Odd",
                 kBody, "r 200 line=HTTP/1.1 999 Odd head", 10},
        PlanCase{"Redirect", R"(redirect = { host = "cdn" })", "r 307", "(none)", "r 307 head", 0},
        PlanCase{"RedirectWithError",
                 R"(redirect = { host = "cdn", status = 301 }, error = "DENIED")", "r 301",
                 R"({"errors":[{"code":"DENIED","message":"rule r of the fixture says so"}]})",
                 "r 301 head", 72}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Bodies, PlanTest,
    testing::Values(
        PlanCase{"FlipBit", "body = { flip_bit = 0 }", "r 200", "1123456789", "r 200 head", 10},
        PlanCase{"FlipLastBit", "body = { flip_bit = 79 }", "r 200", "012345678\xb9", "r 200 head",
                 10},
        PlanCase{"FlipBehindTheEndWraps", "body = { flip_bit = 80 }", "r 200", "1123456789",
                 "r 200 head", 10},
        PlanCase{"CutFin", "body = { cut = { at = 4 } }", "r 200 cut=4/fin", kBody, "r 200 head",
                 10},
        PlanCase{"CutRst", R"(body = { cut = { at = "40%", end = "rst" } })", "r 200 cut=4/rst",
                 kBody, "r 200 head", 10},
        PlanCase{"CutHang", R"(body = { cut = { at = "100%", end = "hang" } })",
                 "r 200 cut=10/hang", kBody, "r 200 head", 10},
        PlanCase{"CutBehindTheEnd", "body = { cut = { at = 11 } }", "r 200 cut=10/fin", kBody,
                 "r 200 head", 10},
        PlanCase{"CutTidy", R"(body = { cut = { at = "40%", end = "tidy" } })", "r 200", "0123",
                 "r 200 head", 4},
        PlanCase{"CutTidyBehindTheEnd", R"(body = { cut = { at = 11, end = "tidy" } })", "r 200",
                 kBody, "r 200 head", 10},
        PlanCase{"SwapBlob", R"(body = { swap = "other" })", "r 200", "abcdefghijklmnopqrst",
                 "r 200 head", 20},
        PlanCase{"Append", R"(body = { append = "!" })", "r 200", "0123456789!", "r 200 head", 11},
        PlanCase{"Pace", "body = { bytes_per_s = 5, slice = 1 }", "r 200 rate=5 slice=1", kBody,
                 "r 200 head rate=5 slice=1", 10},
        PlanCase{"Length", "body = { length = 99 }", "r 200 length=99", kBody,
                 "r 200 head length=99", 10},
        PlanCase{"Omit", R"(body = { length = "omit" })", "r 200 until-close", kBody,
                 "r 200 head until-close", 10},
        PlanCase{"Chunked", R"(body = { length = "chunked" })", "r 200 chunked", kBody,
                 "r 200 head chunked", 10},
        PlanCase{"ChunkError", "body = { chunk_error = true }", "r 200 chunked chunk-error", kBody,
                 "r 200 head chunked", 10}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Combinations, PlanTest,
    testing::Values(
        PlanCase{"SwapThenFlip", R"(body = { flip_bit = 1, swap = "other" })", "r 200",
                 "cbcdefghijklmnopqrst", "r 200 head", 20},
        PlanCase{"FlipThenAppend", R"(body = { append = "!", flip_bit = 80 })", "r 200",
                 "1123456789!", "r 200 head", 11},
        PlanCase{"AppendThenCut", R"(body = { append = "0123456789", cut = { at = "60%" } })",
                 "r 200 cut=12/fin", "01234567890123456789", "r 200 head", 20},
        PlanCase{"AppendThenTidy",
                 R"(body = { append = "!!!!!!!!!!", cut = { at = "60%", end = "tidy" } })", "r 200",
                 "0123456789!!", "r 200 head", 12},
        PlanCase{"CutChunked", R"(body = { cut = { at = 3, end = "rst" }, length = "chunked" })",
                 "r 200 chunked cut=3/rst", kBody, "r 200 head chunked", 10},
        PlanCase{"CutWithFalseLength", R"(body = { cut = { at = 3 }, length = 5 })",
                 "r 200 length=5 cut=3/fin", kBody, "r 200 head length=5", 10},
        PlanCase{"StatusAndBody", "status = 206, body = { flip_bit = 0 }", "r 206", "1123456789",
                 "r 206 head", 10},
        PlanCase{"ErrorAndBody", R"(error = "DENIED", body = { cut = { at = 0, end = "hang" } })",
                 "r 403 cut=0/hang",
                 R"({"errors":[{"code":"DENIED","message":"rule r of the fixture says so"}]})",
                 "r 403 head", 72},
        PlanCase{"RedirectAndBody", R"(redirect = { host = "cdn" }, body = { append = "<a>" })",
                 "r 307", "<a>", "r 307 head", 3},
        PlanCase{
            "EverythingAtOnce",
            R"(wait = "1s", status = 500, headers = { X = "y" }, status_line = "HTTP/1.0 500 x",
                    body = { slice = 2, cut = { at = 1, end = "hang" }, flip_bit = 0 })",
            "r 500 wait=1000000us line=HTTP/1.0 500 x cut=1/hang slice=2", "1123456789",
            "r 500 wait=1000000us line=HTTP/1.0 500 x head slice=2", 10}),
    [](const auto& test) { return test.param.name; });

// --- Headers
// ------------------------------------------------------------------------------------------

TEST(ApplyTest, HeadersAreSetThenDropped) {
  const Plan plan = Get(R"(headers = { etag = "\"x\"", "Retry-After" = "1", Gone = "1" },
                           drop_headers = ["docker-content-digest", "Gone", "Absent"])");
  EXPECT_EQ(plan.response.headers.Find("ETag"), "\"x\"");
  EXPECT_EQ(plan.response.headers.All("ETag").size(), 1);
  EXPECT_EQ(plan.response.headers.Find("Retry-After"), "1");
  EXPECT_EQ(plan.response.headers.Find("Content-Type"), "application/octet-stream");
  EXPECT_FALSE(plan.response.headers.Has("Docker-Content-Digest"));
  EXPECT_FALSE(plan.response.headers.Has("Gone"));
}

TEST(ApplyTest, StatusLeavesHeadersAlone) {
  EXPECT_EQ(Get("status = 500").response.headers, Honest().headers);
}

TEST(ApplyTest, AnErrorHasHeadersOfItsOwn) {
  const Plan plan = Get(R"(error = "DENIED", headers = { "X-Reason" = "script" })");
  EXPECT_EQ(plan.response.headers.Find("Content-Type"), "application/json");
  EXPECT_EQ(plan.response.headers.Find("X-Reason"), "script");
  EXPECT_FALSE(plan.response.headers.Has("Docker-Content-Digest"));
}

// --- Redirects
// ----------------------------------------------------------------------------------------

struct RedirectCase {
  const char* name;
  std::string_view target;
  std::string_view redirect;
  std::string_view location;
};

class RedirectTest : public testing::TestWithParam<RedirectCase> {};

TEST_P(RedirectTest, LeadsToAnAbsoluteLocation) {
  const Plan plan = Carry(fmt::format("redirect = {{ {} }}", GetParam().redirect),
                          Ask("GET", GetParam().target), Honest());
  EXPECT_EQ(plan.response.headers.Find("Location"), GetParam().location);
}

INSTANTIATE_TEST_SUITE_P(
    Targets, RedirectTest,
    testing::Values(
        RedirectCase{"SamePath", kTarget, R"(host = "cdn")",
                     "http://cdn.localhost:1/v2/lib/app/blobs/sha256:ab"},
        RedirectCase{"SignedQuery", kTarget,
                     R"(host = "cdn", query = { sig = "abc%2F123", e = "" })",
                     "http://cdn.localhost:1/v2/lib/app/blobs/sha256:ab?sig=abc%2F123&e="},
        RedirectCase{"QueryOfTheRequest", "/v2/a/tags/list?n=2&last=a%2Fb", R"(host = "registry")",
                     "http://registry.localhost:1/v2/a/tags/list?n=2&last=a%2Fb"},
        RedirectCase{"BothQueries", "/v2/a/tags/list?n=2", R"(host = "cdn", query = { s = "1" })",
                     "http://cdn.localhost:1/v2/a/tags/list?n=2&s=1"},
        RedirectCase{"Root", kTarget, R"(host = "cdn", keep_path = false)",
                     "http://cdn.localhost:1/"},
        RedirectCase{"RootWithQuery", "/v2/a/tags/list?n=2",
                     R"(host = "cdn", keep_path = false, query = { s = "+%20" })",
                     "http://cdn.localhost:1/?s=+%20"}),
    [](const auto& test) { return test.param.name; });

TEST(ApplyTest, ARedirectKeepsOnlyTheHeadersOfTheScript) {
  const Plan plan = Get(R"(redirect = { host = "cdn", status = 308 }, headers = { X = "y" })");
  EXPECT_EQ(plan.response.headers,
            (oci::Headers{{"X", "y"},
                          {"Location", "http://cdn.localhost:1/v2/lib/app/blobs/sha256:ab"}}));
}

// --- Ranges
// -------------------------------------------------------------------------------------------

// The honest answer to "bytes=4-".
api::Response PartialAnswer() {
  api::Response response;
  response.status = 206;
  response.headers = {{"Content-Range", "bytes 4-9/10"}};
  response.body = content::FromString("456789");
  return response;
}

struct PartCase {
  const char* name;
  std::string_view text;
  std::string_view summary;
  std::string_view body;
};

class PartTest : public testing::TestWithParam<PartCase> {};

TEST_P(PartTest, FaultsApplyToThePartThatIsSent) {
  const Plan plan = Carry(GetParam().text, Ask(), PartialAnswer());
  EXPECT_EQ(Summary(plan), GetParam().summary);
  EXPECT_EQ(BodyOf(plan), GetParam().body);
  EXPECT_EQ(plan.response.headers.Find("Content-Range"), "bytes 4-9/10");
}

INSTANTIATE_TEST_SUITE_P(
    Faults, PartTest,
    testing::Values(
        PartCase{"CutPercent", R"(body = { cut = { at = "50%", end = "rst" } })", "r 206 cut=3/rst",
                 "456789"},
        PartCase{"CutTidy", R"(body = { cut = { at = 2, end = "tidy" } })", "r 206", "45"},
        PartCase{"FlipBit", "body = { flip_bit = 0 }", "r 206", "556789"},
        PartCase{"Append", R"(body = { append = "!" })", "r 206", "456789!"},
        PartCase{"SwapForTheSameRange", R"(body = { swap = "other" })", "r 206", "efghij"},
        PartCase{"StatusAlone", "status = 200", "r 200", "456789"}),
    [](const auto& test) { return test.param.name; });

TEST(ApplyTest, SwapEndsWhereTheOtherContentDoes) {
  const auto swapped = [](std::string_view range) {
    api::Response answer = PartialAnswer();
    answer.headers.Set("Content-Range", std::string(range));
    return BodyOf(Carry(R"(body = { swap = "other" })", Ask(), std::move(answer)));
  };
  EXPECT_EQ(swapped("bytes 18-99/100"), "st");
  EXPECT_EQ(swapped("bytes 50-99/100"), "");
  EXPECT_EQ(swapped("bytes */100"), "abcdefghijklmnopqrst");
  EXPECT_EQ(swapped("nonsense"), "abcdefghijklmnopqrst");
}

// --- Content
// ------------------------------------------------------------------------------------------

TEST(ApplyTest, AManifestCanBeSwappedIn) {
  EXPECT_EQ(BodyOf(Get(R"(body = { swap = "app" })")), SomeContent().FindManifest("app")->bytes);
}

TEST(ApplyTest, AnAnswerWithoutBodyCannotBeFlippedButAppendedTo) {
  api::Response empty;
  const Plan plan =
      Carry(R"(body = { flip_bit = 3, append = "x", cut = { at = "50%" } })", Ask(), empty);
  EXPECT_EQ(BodyOf(plan), "x");
  EXPECT_EQ(plan.cut_at, 0);
  EXPECT_EQ(BodyOf(Carry("body = { flip_bit = 3 }", Ask(), empty)), "(none)");
  EXPECT_EQ(Carry(R"(body = { cut = { at = 1, end = "rst" } })", Ask(), empty).cut_at, 0);
  EXPECT_EQ(BodyOf(Carry(R"(body = { cut = { at = 1, end = "tidy" } })", Ask(), empty)), "(none)");
}

api::Response ManifestAnswer() {
  const content::StoredManifest& manifest = *SomeContent().FindManifest("app");
  api::Response response;
  response.headers = {{"Docker-Content-Digest", manifest.digest.ToString()}};
  response.body = content::FromString(manifest.bytes);
  return response;
}

TEST(ApplyTest, AManifestLiesAboutAChildUnderItsOldDigest) {
  const Plan plan =
      Carry(R"(descriptor = { of = "layer", size = 11, type = "a/b" })", Ask(), ManifestAnswer());
  const std::string digest = SomeContent().DigestOfName("layer")->ToString();
  EXPECT_THAT(BodyOf(plan),
              testing::HasSubstr(fmt::format(
                  R"("layers":[{{"digest":"{}","mediaType":"a/b","size":11}}])", digest)));
  EXPECT_EQ(plan.response.headers, ManifestAnswer().headers);
}

TEST(ApplyTest, AFalseDigestIsThatOfOtherContentOrAnyText) {
  const std::string other = SomeContent().DigestOfName("other")->ToString();
  EXPECT_THAT(
      BodyOf(Carry(R"(descriptor = { of = "layer", digest = "other" })", Ask(), ManifestAnswer())),
      testing::HasSubstr(fmt::format(R"("layers":[{{"digest":"{}",)", other)));
  EXPECT_THAT(BodyOf(Carry(R"(descriptor = { of = "layer", digest = "sha256:../x" })", Ask(),
                           ManifestAnswer())),
              testing::HasSubstr(R"("layers":[{"digest":"sha256:../x",)"));
}

TEST(ApplyTest, ALieAndABodyFaultCombine) {
  const Plan plan = Carry(R"(descriptor = { of = "layer", size = 11 }, body = { append = " " })",
                          Ask(), ManifestAnswer());
  EXPECT_THAT(BodyOf(plan),
              testing::AllOf(testing::HasSubstr(R"("size":11)"), testing::EndsWith("} ")));
}

TEST(ApplyTest, ALieLeavesOtherBodiesAlone) {
  EXPECT_EQ(BodyOf(Get(R"(descriptor = { of = "layer", size = 11 })")), kBody);
  EXPECT_EQ(BodyOf(Carry(R"(descriptor = { of = "layer", size = 11 })", Ask(), {})), "(none)");
}

}  // namespace
}  // namespace pullproof::mockregistry::script

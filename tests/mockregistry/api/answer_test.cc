#include "mockregistry/api/answer.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/api/registry.h"

namespace pullproof::mockregistry::api {
namespace {

struct CodeCase {
  std::string code;
  int status;
};

class ErrorCodes : public testing::TestWithParam<CodeCase> {};

TEST_P(ErrorCodes, HaveTheirStatus) {
  EXPECT_EQ(StatusOfCode(GetParam().code), GetParam().status);
  EXPECT_THAT(ErrorResponse(GetParam().code, "why"), IsError(GetParam().status, GetParam().code));
}

INSTANTIATE_TEST_SUITE_P(
    OfTheSpec, ErrorCodes,
    testing::Values(CodeCase{"BLOB_UNKNOWN", 404}, CodeCase{"BLOB_UPLOAD_INVALID", 400},
                    CodeCase{"BLOB_UPLOAD_UNKNOWN", 404}, CodeCase{"DIGEST_INVALID", 400},
                    CodeCase{"MANIFEST_BLOB_UNKNOWN", 400}, CodeCase{"MANIFEST_INVALID", 400},
                    CodeCase{"MANIFEST_UNKNOWN", 404}, CodeCase{"NAME_INVALID", 400},
                    CodeCase{"NAME_UNKNOWN", 404}, CodeCase{"SIZE_INVALID", 400},
                    CodeCase{"UNAUTHORIZED", 401}, CodeCase{"DENIED", 403},
                    CodeCase{"UNSUPPORTED", 405}, CodeCase{"TOOMANYREQUESTS", 429}),
    [](const auto& parameter) { return parameter.param.code; });

TEST(ErrorResponse, HoldsCodeDetailAndMessage) {
  const Response response = ErrorResponse("DENIED", "not \"you\"", 0, "lib/app");
  EXPECT_THAT(
      response,
      HasBody(R"({"errors":[{"code":"DENIED","detail":"lib/app","message":"not \"you\""}]})"));
  EXPECT_THAT(ErrorResponse("DENIED", "no"),
              HasBody(R"({"errors":[{"code":"DENIED","message":"no"}]})"));
}

TEST(ErrorResponse, TakesAnotherStatusWhenToldTo) {
  EXPECT_THAT(ErrorResponse("TOOMANYREQUESTS", "slow down", 503), IsError(503, "TOOMANYREQUESTS"));
}

TEST(ErrorResponse, OfACodeOfNobodyIsAServerError) {
  EXPECT_EQ(StatusOfCode("TEAPOT"), 0);
  EXPECT_EQ(StatusOfCode(""), 0);
  EXPECT_THAT(ErrorResponse("TEAPOT", "short and stout"), IsError(500, "TEAPOT"));
  EXPECT_THAT(ErrorResponse("TEAPOT", "short and stout", 418), IsError(418, "TEAPOT"));
}

TEST(ErrorResponse, IsJsonWhateverTheClientSent) {
  const Response response = ErrorResponse("DENIED", "no", 0, std::string_view("a\0\x1b\xFF\n", 5));
  EXPECT_THAT(
      response,
      HasBody(R"({"errors":[{"code":"DENIED","detail":"a\\x00\\x1b\\xff\\n","message":"no"}]})"));
}

TEST(RefusedByStore, KnowsEveryErrorOfTheStore) {
  EXPECT_THAT(RefusedByStore({"upload.unknown", "m", "", ""}), IsError(404, "BLOB_UPLOAD_UNKNOWN"));
  EXPECT_THAT(RefusedByStore({"upload.out-of-order", "m", "", ""}),
              IsError(416, "BLOB_UPLOAD_INVALID"));
  EXPECT_THAT(RefusedByStore({"upload.short-chunk", "m", "", ""}), IsError(400, "SIZE_INVALID"));
  EXPECT_THAT(RefusedByStore({"digest.mismatch", "m", "", ""}), IsError(400, "DIGEST_INVALID"));
  EXPECT_THAT(RefusedByStore({"manifest.blob-unknown", "m", "", ""}),
              IsError(400, "MANIFEST_BLOB_UNKNOWN"));
  EXPECT_THAT(RefusedByStore({"store.full", "m", "", ""}), IsError(413, "SIZE_INVALID"));
  EXPECT_THAT(RefusedByStore({"another", "m", "", ""}), IsError(500, "UNKNOWN"));
}

}  // namespace
}  // namespace pullproof::mockregistry::api

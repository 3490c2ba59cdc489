// What holds for every operation.
#include "mockregistry/api/handle.h"

#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/api/registry.h"

namespace pullproof::mockregistry::api {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::SizeIs;

class HandleTest : public RegistryTest {};

TEST_F(HandleTest, AnswersThePing) {
  EXPECT_THAT(Get("/v2/"),
              AllOf(HasStatus(200), HasBody("{}"), HasHeader("Content-Type", "application/json"),
                    HasHeader("Docker-Distribution-API-Version", "registry/2.0")));
  EXPECT_TRUE(Send("HEAD", "/v2/").head_only);
}

TEST_F(HandleTest, UnknownPlacesAreNotFound) {
  for (const char* target :
       {"/", "/v2", "/v1/", "/v2/lib/app", "/v2/lib/app/manifests/", "/token"}) {
    EXPECT_THAT(Get(target), IsError(404, "UNSUPPORTED")) << target;
  }
}

TEST_F(HandleTest, KnownPlacesSayWhichMethodsTheyHave) {
  EXPECT_THAT(Send("POST", "/v2/"),
              AllOf(IsError(405, "UNSUPPORTED"), HasHeader("Allow", "GET, HEAD")));
  EXPECT_THAT(Send("PATCH", "/v2/lib/app/manifests/1.0"),
              AllOf(IsError(405, "UNSUPPORTED"), HasHeader("Allow", "GET, HEAD, PUT, DELETE")));
  EXPECT_THAT(Get("/v2/lib/app/blobs/uploads/"),
              AllOf(IsError(405, "UNSUPPORTED"), HasHeader("Allow", "POST")));
  EXPECT_THAT(Send("get", "/v2/"), HasStatus(405));
}

struct ChangeCase {
  std::string method;
  std::string target;
};
class ReadOnly : public HandleTest, public testing::WithParamInterface<ChangeCase> {};

TEST_P(ReadOnly, RefusesEveryChange) {
  context_.read_only = true;
  EXPECT_THAT(Send(GetParam().method, GetParam().target, {}, "x"),
              AllOf(IsError(405, "UNSUPPORTED"), HasHeader("Allow", "GET, HEAD")));
}

INSTANTIATE_TEST_SUITE_P(All, ReadOnly,
                         testing::Values(ChangeCase{"PUT", "/v2/lib/app/manifests/1.0"},
                                         ChangeCase{"DELETE", "/v2/lib/app/manifests/1.0"},
                                         ChangeCase{"DELETE", "/v2/lib/app/blobs/sha256:0"},
                                         ChangeCase{"POST", "/v2/lib/app/blobs/uploads/"},
                                         ChangeCase{"POST",
                                                    "/v2/lib/app/blobs/uploads/?mount=sha256:0"},
                                         ChangeCase{"PATCH", "/v2/lib/app/blobs/uploads/7"},
                                         ChangeCase{"PUT", "/v2/lib/app/blobs/uploads/7"},
                                         ChangeCase{"DELETE", "/v2/lib/app/blobs/uploads/7"}));

TEST_F(HandleTest, AReadOnlyRegistryIsRead) {
  context_.read_only = true;
  EXPECT_THAT(Get("/v2/"), HasStatus(200));
  EXPECT_THAT(Get("/v2/lib/app/manifests/1.0"), HasStatus(200));
  EXPECT_THAT(Get("/v2/lib/app/blobs/" + DigestText(kLayer)), HasStatus(200));
  EXPECT_THAT(Get("/v2/lib/app/tags/list"), HasStatus(200));
  EXPECT_THAT(Get("/v2/lib/app/blobs/uploads/7"), IsError(404, "BLOB_UPLOAD_UNKNOWN"));
}

TEST_F(HandleTest, WarnsOnEveryAnswer) {
  const std::vector<std::string> warnings = {"old API", "ask the owner"};
  context_.warnings = warnings;
  for (const char* target : {"/v2/", "/v2/lib/other/manifests/x", "/nowhere"}) {
    EXPECT_THAT(Get(target).headers.All("Warning"),
                ElementsAre("299 - \"old API\"", "299 - \"ask the owner\""));
  }
}

TEST_F(HandleTest, NeverWarnsWithMoreThanTheSpecAllows) {
  const std::vector<std::string> warnings(5, std::string(1'000, 'x'));
  context_.warnings = warnings;
  EXPECT_THAT(Get("/v2/").headers.All("Warning"), SizeIs(4));
}

TEST_F(HandleTest, EveryErrorToAHeadIsMarkedAsOne) {
  EXPECT_TRUE(Send("HEAD", "/v2/lib/other/manifests/x").head_only);
  EXPECT_TRUE(Send("HEAD", "/nowhere").head_only);
  EXPECT_FALSE(Get("/nowhere").head_only);
}

// Whatever bytes come in, what goes out can stand in a header.
TEST_F(HandleTest, AnswersHoldNoControlCharactersOfTheRequest) {
  const std::string evil = "\r\nEvil: 1\r\n\x01\xFF";
  for (const std::string& target :
       {"/v2/lib/app/manifests/" + evil, "/v2/" + evil + "/tags/list",
        "/v2/lib/app/tags/list?n=1&x=" + evil, "/v2/lib/app/blobs/uploads/" + evil,
        "/v2/lib/app/referrers/" + evil, evil}) {
    for (const char* method : {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"}) {
      const Response response = Send(method, target, {{"Content-Range", evil}}, "x");
      for (const auto& [name, value] : response.headers.lines()) {
        EXPECT_TRUE(oci::IsHeaderValue(value)) << method << ' ' << name;
      }
      EXPECT_EQ(BodyOf(response).find('\r'), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace pullproof::mockregistry::api

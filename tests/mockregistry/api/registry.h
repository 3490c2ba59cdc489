// A small registry with known content, and matchers for what it answers.
#ifndef PULLPROOF_TESTS_MOCKREGISTRY_API_REGISTRY_H_
#define PULLPROOF_TESTS_MOCKREGISTRY_API_REGISTRY_H_

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/api/handle.h"
#include "mockregistry/content/content.h"
#include "mockregistry/store/store.h"
#include "oci/digest.h"
#include "oci/media_type.h"

namespace pullproof::mockregistry::api {

// For failure texts: status line, headers and the start of the body.
void PrintTo(const Response& response, std::ostream* out);

std::string BodyOf(const Response& response);
std::string DigestText(std::string_view bytes, oci::Algorithm algorithm = oci::Algorithm::kSha256);

MATCHER_P(HasStatus, status, "") { return arg.status == status; }
MATCHER_P2(HasHeader, name, value, "") { return arg.headers.Find(name) == value; }
MATCHER_P(HasNoHeader, name, "") { return !arg.headers.Has(name); }
MATCHER_P(HasBody, body, "") { return BodyOf(arg) == body; }
// The status, and the code of the only error in a well-formed error body.
MATCHER_P2(IsError, status, code, "") {
  const std::string start = std::string(R"({"errors":[{"code":")") + code + "\"";
  return arg.status == status && arg.headers.Find("Content-Type") == "application/json" &&
         BodyOf(arg).starts_with(start);
}

// The content of the registry below.
inline constexpr std::string_view kLayer = "0123456789abcdefghij";
inline constexpr std::string_view kConfig = "{}";
const std::string& AppManifest();     // an OCI image of the two, tagged 1.0 and latest in lib/app
const std::string& DockerManifest();  // a Docker schema 2 image of the two, tagged docker
const std::string& AppIndex();        // an OCI index of AppManifest, tagged index

// "lib/app" with the content above, and "lib/empty" without any.
class RegistryTest : public testing::Test {
 protected:
  RegistryTest();

  Response Send(std::string_view method, std::string_view target, oci::Headers headers = {},
                std::string body = {});
  Response Get(std::string_view target, oci::Headers headers = {}) {
    return Send("GET", target, std::move(headers));
  }
  // Pushes a blob in one request; fails the test when that does not work.
  void PushBlob(std::string_view repository, std::string_view bytes);
  // PUT with the type of an OCI image manifest.
  Response PutImage(std::string_view target, std::string body);

  content::Content content_;
  store::Store store_;
  Context context_;

 private:
  static content::Content MakeContent();
};

}  // namespace pullproof::mockregistry::api

#endif  // PULLPROOF_TESTS_MOCKREGISTRY_API_REGISTRY_H_

#include "mockregistry/wire/library.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace pullproof::mockregistry::wire {
namespace {

struct Case {
  std::string_view name;
  std::string_view method;
  std::string_view target;
  std::string_view version;
  bool accepted;
};

class LibraryTest : public ::testing::TestWithParam<Case> {};

TEST_P(LibraryTest, Judges) {
  RequestHead head;
  head.method = GetParam().method;
  head.target = GetParam().target;
  head.version = GetParam().version;
  head.headers = {{"Host", "registry.test"}};
  Library library;
  EXPECT_EQ(library.Accepts(head), GetParam().accepted);
  // What it remembers of the first time makes no difference.
  EXPECT_EQ(library.Accepts(head), GetParam().accepted);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, LibraryTest,
    ::testing::Values(Case{"Get", "GET", "/v2/", "HTTP/1.1", true},
                      Case{"Head", "HEAD", "/v2/", "HTTP/1.1", true},
                      Case{"Put", "PUT", "/v2/", "HTTP/1.1", true},
                      Case{"Post", "POST", "/v2/", "HTTP/1.1", true},
                      Case{"Patch", "PATCH", "/v2/", "HTTP/1.1", true},
                      Case{"Delete", "DELETE", "/v2/", "HTTP/1.1", true},
                      Case{"Http10", "GET", "/v2/", "HTTP/1.0", true},
                      Case{"TwoQuestionMarks", "GET", "/v2/?a=b?c", "HTTP/1.1", true},
                      Case{"BrokenEscape", "GET", "/v2/%zz", "HTTP/1.1", true},
                      Case{"UnknownMethod", "BREW", "/v2/", "HTTP/1.1", false},
                      Case{"LowerCaseMethod", "get", "/v2/", "HTTP/1.1", false},
                      Case{"Http2", "GET", "/v2/", "HTTP/2.0", false},
                      Case{"NoHttp", "GET", "/v2/", "banana", false}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace pullproof::mockregistry::wire

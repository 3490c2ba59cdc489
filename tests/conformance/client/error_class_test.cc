#include "conformance/client/error_class.h"

#include <utility>

#include <gtest/gtest.h>

namespace pullproof::conformance::client {
namespace {

TEST(ErrorClassTest, TellsTheClassOfAnErrorId) {
  const std::pair<const char*, const char*> rows[] = {
      {"digest.mismatch", "digest_mismatch"},
      {"size.mismatch", "size_mismatch"},
      {"registry.not-found", "not_found"},
      {"registry.unauthorized", "unauthorized"},
      {"registry.denied", "denied"},
      {"registry.too-many-requests", "too_many_requests"},
      {"registry.server-error", "server_error"},
      {"transport.timeout", "timeout"},
      {"transport.tls", "tls"},
      {"transport.truncated", "network"},
      {"transport.connect", "network"},
      {"digest.unsupported", "unsupported"},
      {"digest.length", "bad_content"},
      {"manifest.ambiguous", "bad_content"},
      {"json.syntax", "bad_content"},
      {"limit.header", "bad_content"},
      {"file.no-space", ""},
      {"registry.status", ""},
      {"digest.mismatched", "bad_content"},
      {"", ""},
  };
  for (const auto& [id, wanted] : rows) EXPECT_EQ(ErrorClassOf(id), wanted) << id;
}

}  // namespace
}  // namespace pullproof::conformance::client

#include "resolver/sources/wasm_pkg_config.h"

#include <string>

#include <gtest/gtest.h>

namespace pullproof::resolver::sources {
namespace {

std::string IdAndHint(const std::string& oci) {
  const auto config = ReadWasmPkgConfig("[registry.\"registry.test\".oci]\n" + oci, "config.toml");
  return config ? "ok" : config.error().id + ": " + config.error().hint;
}

// Whom to trust is decided in one place: what would widen that is refused, never passed over.
TEST(WasmPkgConfig, WhomToTrustIsNotItsBusiness) {
  EXPECT_EQ(IdAndHint("accept_invalid_certificates = true\n"),
            "package.config: name the authority that signed them to the resolver instead");
  EXPECT_EQ(IdAndHint("extra_root_certificates = [{ encoding = \"pem\", data = [1] }]\n"),
            "package.config: name the authority's certificate by --ca-file or SSL_CERT_FILE "
            "instead");
  EXPECT_EQ(IdAndHint("extra_root_certificates = \"ca.pem\"\n").substr(0, 14), "package.config");
}

TEST(WasmPkgConfig, WhatWidensNothingIsTaken) {
  EXPECT_EQ(IdAndHint("accept_invalid_certificates = false\nextra_root_certificates = []\n"), "ok");
}

}  // namespace
}  // namespace pullproof::resolver::sources

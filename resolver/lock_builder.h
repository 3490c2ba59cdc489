// The parts of a lock that follow from the manifest alone. Pure.
// Source: Spin, crates/loader/src/local.rs.
#ifndef PULLPROOF_RESOLVER_LOCK_BUILDER_H_
#define PULLPROOF_RESOLVER_LOCK_BUILDER_H_

#include <string>

#include "resolver/lock/locked_app.h"
#include "resolver/manifest/manifest.h"

namespace pullproof::resolver {

// The app without its components. `origin` is the URL of the manifest.
lock::LockedApp BuildApp(const manifest::Manifest& manifest, const std::string& origin);

}  // namespace pullproof::resolver

#endif  // PULLPROOF_RESOLVER_LOCK_BUILDER_H_

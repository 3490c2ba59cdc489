// The parts of a lock that follow from the manifest alone. Pure.
// Source: Spin, crates/loader/src/local.rs.
#ifndef PULLPROOF_RESOLVER_LOCK_BUILDER_H_
#define PULLPROOF_RESOLVER_LOCK_BUILDER_H_

#include <map>
#include <string>
#include <vector>

#include "resolver/lock/locked_app.h"
#include "resolver/manifest/manifest.h"

namespace pullproof::resolver {

// The app without its components. `origin` is the URL of the manifest.
lock::LockedApp BuildApp(const manifest::Manifest& manifest, const std::string& origin);

// What a trigger puts around its component.
struct TriggerParts {
  std::string trigger;                                                      // its id
  std::map<std::string, std::vector<lock::LockedDependency>> dependencies;  // by role
};

// Gives each trigger's dependencies to its component. A component that several triggers name gets a
// clone for each that has any, `COMPONENT-for-TRIGGER`, in the order of the triggers, which are
// changed to name it. Source: Spin, crates/loader/src/local (reassigning of trigger dependencies).
void MoveTriggerDependencies(const std::vector<TriggerParts>& parts, lock::LockedApp& app);

}  // namespace pullproof::resolver

#endif  // PULLPROOF_RESOLVER_LOCK_BUILDER_H_

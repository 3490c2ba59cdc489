// The virtual registries of one process: those that it was started with, and those that came later.
#ifndef PULLPROOF_MOCKREGISTRY_ADMIN_HOUSE_H_
#define PULLPROOF_MOCKREGISTRY_ADMIN_HOUSE_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "mockregistry/registry.h"
#include "mockregistry/scenario.h"

namespace pullproof::mockregistry::admin {

// Each has a listener for each of its hosts, and threads of its own; a suite that runs its tests
// in parallel needs some tens.
inline constexpr std::size_t kMaxRegistries = 128;

// A registry, and whether it was removed: whoever still holds it stops waiting for it then.
struct Tenant {
  std::string id;  // "1", "2" … never used again
  std::shared_ptr<Registry> registry;
  std::atomic<bool> gone = false;
};

// Thread-safe.
class House {
 public:
  // What is started later is started with these options, at any free port.
  explicit House(Options options = {}) : options_(std::move(options)) {}
  ~House() { Close(); }
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  // Takes in a registry that runs already. Error: admin.too-many-registries.
  Result<std::shared_ptr<Tenant>> Adopt(std::unique_ptr<Registry> registry);
  // Starts one. Errors: admin.too-many-registries, registry.bind.
  Result<std::shared_ptr<Tenant>> Start(std::shared_ptr<const Scenario> scenario);
  // Its listeners are closed when the last one who holds it lets go. False when there is none.
  bool Remove(std::string_view id);
  // Null when there is none.
  [[nodiscard]] std::shared_ptr<Tenant> Find(std::string_view id) const;
  // In the order in which they came.
  [[nodiscard]] std::vector<std::shared_ptr<Tenant>> All() const;
  // Ends every wait for a registry of the house. What comes later is refused.
  void Close();

 private:
  Options options_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Tenant>> tenants_;
  std::size_t last_id_ = 0;
  bool closed_ = false;
};

}  // namespace pullproof::mockregistry::admin

#endif  // PULLPROOF_MOCKREGISTRY_ADMIN_HOUSE_H_

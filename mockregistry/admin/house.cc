#include "mockregistry/admin/house.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace pullproof::mockregistry::admin {
namespace {

std::unexpected<Error> TooMany() {
  return Fail("admin.too-many-registries",
              fmt::format("there are {} registries already", kMaxRegistries), {},
              "remove those that are no longer needed");
}

// Whoever waits for this one looks at `gone` now.
void Leave(Tenant& tenant) {
  tenant.gone = true;
  tenant.registry->journal().Wake();
}

}  // namespace

Result<std::shared_ptr<Tenant>> House::Adopt(std::unique_ptr<Registry> registry) {
  auto tenant = std::make_shared<Tenant>();
  tenant->registry = std::move(registry);
  const std::lock_guard lock(mutex_);
  if (closed_ || tenants_.size() >= kMaxRegistries) return TooMany();
  tenant->id = std::to_string(++last_id_);
  tenants_.push_back(tenant);
  return tenant;
}

Result<std::shared_ptr<Tenant>> House::Start(std::shared_ptr<const Scenario> scenario) {
  {
    // Before anything is bound; Adopt asks again.
    const std::lock_guard lock(mutex_);
    if (closed_ || tenants_.size() >= kMaxRegistries) return TooMany();
  }
  Options options = options_;
  options.port = 0;
  PULLPROOF_ASSIGN_OR_RETURN(std::unique_ptr<Registry> registry,
                             Registry::Start(std::move(scenario), options));
  return Adopt(std::move(registry));
}

bool House::Remove(std::string_view id) {
  std::shared_ptr<Tenant> removed;
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(
        tenants_, id, [](const auto& tenant) -> std::string_view { return tenant->id; });
    if (found == tenants_.end()) return false;
    removed = std::move(*found);
    tenants_.erase(found);
  }
  Leave(*removed);
  return true;
}

std::shared_ptr<Tenant> House::Find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(
      tenants_, id, [](const auto& tenant) -> std::string_view { return tenant->id; });
  return found == tenants_.end() ? nullptr : *found;
}

std::vector<std::shared_ptr<Tenant>> House::All() const {
  const std::lock_guard lock(mutex_);
  return tenants_;
}

void House::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const auto& tenant : tenants_) Leave(*tenant);
}

}  // namespace pullproof::mockregistry::admin

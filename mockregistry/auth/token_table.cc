#include "mockregistry/auth/token_table.h"

#include <utility>

#include "oci/digest.h"

namespace pullproof::mockregistry::auth {

std::string TokenTable::Issue(Grant grant) {
  constexpr char kNul = '\0';
  const std::string source = std::to_string(seed_) + kNul + kind_ + kNul + grant.policy->host +
                             kNul + std::to_string(++issued_);
  std::string token = oci::Digest::Of(source).hex();
  if (order_.size() == kCapacity) {
    grants_.erase(order_.front());
    order_.pop_front();
  }
  order_.push_back(token);
  grants_.emplace(token, std::move(grant));
  return token;
}

Grant* TokenTable::Find(std::string_view token) {
  const auto found = grants_.find(token);
  return found == grants_.end() ? nullptr : &found->second;
}

void TokenTable::ForEach(
    const std::function<void(const std::string& token, const Grant&)>& visit) const {
  for (const std::string& token : order_) visit(token, grants_.find(token)->second);
}

void TokenTable::Clear() {
  grants_.clear();
  order_.clear();
  issued_ = 0;
}

}  // namespace pullproof::mockregistry::auth

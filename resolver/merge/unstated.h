// What a package asks for and the importer neither states nor inherits, as TOML to paste.
#ifndef PULLPROOF_RESOLVER_MERGE_UNSTATED_H_
#define PULLPROOF_RESOLVER_MERGE_UNSTATED_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "resolver/lock/locked_app.h"
#include "resolver/manifest/manifest.h"

namespace pullproof::resolver::merge {

struct Unstated {
  std::vector<std::pair<std::string, std::string>> variables;  // key and the package's template
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::string> allowed_outbound_hosts;
  std::vector<std::string> key_value_stores;
  std::vector<std::string> sqlite_databases;
  std::vector<std::string> ai_models;

  [[nodiscard]] bool empty() const;
};

// The tables to put into the importer's manifest: lists as they would be whole, the component's
// variables, and the app's variables that those need. Text is escaped: it comes from the package.
// Pure.
std::string RenderUnstated(const Unstated& unstated, const manifest::Component& component,
                           const std::vector<manifest::Variable>& own_variables,
                           const std::map<std::string, lock::LockedVariable>& package_variables);

}  // namespace pullproof::resolver::merge

#endif  // PULLPROOF_RESOLVER_MERGE_UNSTATED_H_

// The names that a fixture gives to its content, and the check of every use of one.
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_NAME_TABLE_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_NAME_TABLE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/table_reader.h"
#include "mockregistry/content/fixture.h"
#include "mockregistry/content/names.h"
#include "mockregistry/content/text_hash.h"

namespace pullproof::mockregistry::content {

class NameTable {
 public:
  // Numbers all blobs in the order of the file, then all manifests. Reports content.duplicate-name.
  // Both arguments must outlive the table.
  NameTable(const Fixture& fixture, Diagnostics& problems);

  // Checks every use of a name in the fixture. Reports content.unknown-name, and
  // content.not-a-manifest or content.not-a-blob where only one of the two will do.
  void CheckUses() const;
  // The number of what has that name; it must be there.
  [[nodiscard]] std::size_t NumberOf(std::string_view name) const {
    return numbers_.find(name)->second;
  }

 private:
  enum class Wanted { kAny, kBlob, kManifest };
  void Check(std::string_view name, Position at, Wanted wanted) const;
  void AddName(std::string name, Position at, std::string_view when_known);
  [[nodiscard]] std::vector<std::string_view> Names(Wanted wanted) const;

  const Fixture& fixture_;
  Diagnostics& problems_;
  TextMap<std::size_t> numbers_;
};

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_NAME_TABLE_H_

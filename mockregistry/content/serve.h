// What the repositories of a fixture serve, and what the referrers API lists.
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_SERVE_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_SERVE_H_

#include <string>
#include <vector>

#include "base/table_reader.h"
#include "mockregistry/content/content.h"
#include "mockregistry/content/fixture.h"
#include "mockregistry/content/names.h"

namespace pullproof::mockregistry::content {

// Fills content.referrers: for each manifest, those that name it as their subject, in the order of
// the file, or the list that the fixture states. `config_types` holds the media type of each
// manifest's config, which stands for an artifact type that is not stated. Reports
// content.unmarked-lie for a stated list that is neither true nor marked, and content.size.
// Spec: distribution-spec, Listing Referrers.
void AddReferrers(const Fixture& fixture, const Catalog& catalog,
                  const std::vector<std::string>& config_types, Content& content,
                  Diagnostics& problems);

// Fills content.repositories. A repository serves what its tags and lists name, everything that
// those refer to, and the manifests that the referrers API lists for any of them; a subject that
// nothing else names is not served. After AddReferrers, with the index built.
void AddRepositories(const Fixture& fixture, Content& content);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_SERVE_H_

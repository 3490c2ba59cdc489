// A lie must be marked, so that an author's slip does not become a hostile case.
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_LIES_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_LIES_H_

#include "base/table_reader.h"
#include "mockregistry/content/content.h"
#include "mockregistry/content/fixture.h"
#include "mockregistry/content/names.h"

namespace pullproof::mockregistry::content {

// Reports content.unmarked-lie for every size or digest that a manifest without `lie` states
// wrongly. Warns of a `lie` that is none (content.needless-lie), and of a compressed layer whose
// default type says that it is not (content.gzip-type). `content` holds the fixture's manifests, in
// its order.
void CheckLies(const Fixture& fixture, const Catalog& catalog, const Content& content,
               Diagnostics& problems);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_LIES_H_

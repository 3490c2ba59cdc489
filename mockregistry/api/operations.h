// The operations of the distribution API, one function each. The repository in the route need not
// be well-formed: every function answers bad names itself. Thread-safe.
#ifndef PULLPROOF_MOCKREGISTRY_API_OPERATIONS_H_
#define PULLPROOF_MOCKREGISTRY_API_OPERATIONS_H_

#include "mockregistry/api/answer.h"

namespace pullproof::mockregistry::api {

// GET and HEAD alike: Handle marks the answer to a HEAD.

// Spec: "Pulling manifests", "Pushing Manifests", "Deleting tags", "Deleting Manifests".
Response GetManifest(const Exchange& exchange);
Response PutManifest(const Exchange& exchange);
Response DeleteManifest(const Exchange& exchange);

// Spec: "Pulling blobs", "Deleting Blobs".
Response GetBlob(const Exchange& exchange);
Response DeleteBlob(const Exchange& exchange);

// Spec: "Pushing a blob monolithically", "Pushing a blob in chunks", "Cancel a blob upload",
// "Mounting a blob from another repository".
Response StartUpload(const Exchange& exchange);
Response MountBlob(const Exchange& exchange);
Response GetUpload(const Exchange& exchange);
Response PatchUpload(const Exchange& exchange);
Response PutUpload(const Exchange& exchange);
Response DeleteUpload(const Exchange& exchange);

// Spec: "Listing Tags", "Listing Referrers"; distribution, docs/spec/api.md "Catalog".
Response ListTags(const Exchange& exchange);
Response ListReferrers(const Exchange& exchange);
Response ListRepositories(const Exchange& exchange);

}  // namespace pullproof::mockregistry::api

#endif  // PULLPROOF_MOCKREGISTRY_API_OPERATIONS_H_

// Images that lie on disk as the content of a repository: an OCI image layout, or what `docker
// save` wrote. Spec: image-spec, image-layout.md; Docker's image spec v1.2, "Combined Image JSON +
// Filesystem Changeset Format".
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_LAYOUT_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_LAYOUT_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/table_reader.h"
#include "mockregistry/content/fixture.h"

namespace pullproof::mockregistry::content {

// Adds to the fixture what the layouts of its repositories hold. Each is a directory or a tar
// archive at or below `directory`, where the fixture's file lies.
//
// Of an OCI image layout every manifest of index.json is served with all that it refers to and the
// layout holds, byte for byte. A tag is what an entry's org.opencontainers.image.ref.name says: a
// tag, or a reference that ends in one. Of a docker archive each image gets a Docker manifest
// (schema 2) with the archive's config and layers, byte for byte; its tags are those of RepoTags,
// whatever the repositories in there are called. A tag that the fixture states, or that is there
// already, stays.
//
// A manifest is called REPOSITORY:TAG, after the first of its tags; one without REPOSITORY@ and the
// first twelve digits of its digest, as blobs are, or of its config's and ".manifest" in a docker
// archive.
//
// Reports content.file-outside, content.file, content.layout (neither sort; content that its digest
// does not describe; a manifest that is none), content.size, content.too-many. Does nothing when
// there are errors already.
void AddLayouts(Fixture& fixture, const std::filesystem::path& directory, Diagnostics& problems,
                FileSystem* files = nullptr);

// The tag that the text ends in: "1.0" of "1.0" and of "registry.example:5000/a/b:1.0"; empty when
// it ends in none. Pure.
std::string_view TagIn(std::string_view reference);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_LAYOUT_H_

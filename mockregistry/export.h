// What a repository serves, written for other tools: as an OCI image layout, or as `docker save`
// writes images. Spec: image-spec, image-layout.md; Docker's image spec v1.2, "Combined Image JSON
// + Filesystem Changeset Format".
#ifndef PULLPROOF_MOCKREGISTRY_EXPORT_H_
#define PULLPROOF_MOCKREGISTRY_EXPORT_H_

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "mockregistry/content/content.h"

namespace pullproof::mockregistry {

// The repository of that name; with an empty name the only one. Error: export.repository.
Result<content::Repository> FindRepository(const content::Content& content, std::string_view name);

// The repository with those tags alone, and what they lead to. Error: export.unknown-tag.
Result<content::Repository> OnlyTags(const content::Content& content,
                                     const content::Repository& repository,
                                     std::span<const std::string> tags);

// Writes oci-layout, index.json and every blob and manifest of the repository into `directory`,
// which must not exist, or be empty. It gets its name when all is written; until then it is called
// DIRECTORY.partial, which is removed when something fails. Content of any size is streamed.
//
// Everything is named by the digest that it hashes to, so that a manifest that is served under
// another one (a marked lie) loses that lie. An entry with a tag has it as
// org.opencontainers.image.ref.name; manifests that nothing else refers to stand there without one.
// Errors: export.exists, file.*.
Result<void> ExportLayout(const content::Content& content, const content::Repository& repository,
                          const std::filesystem::path& directory, FileSystem& files);

// Writes a tar archive with manifest.json, and the config and layers of each image that has a tag,
// as they are served. The file must not exist, and appears when it is whole. Errors: export.exists,
// export.no-tag, export.not-an-image (a tag of something that is no image of one platform, or whose
// content is not all there), file.*.
Result<void> ExportDockerArchive(const content::Content& content,
                                 const content::Repository& repository,
                                 const std::filesystem::path& file, FileSystem& files);

}  // namespace pullproof::mockregistry

#endif  // PULLPROOF_MOCKREGISTRY_EXPORT_H_

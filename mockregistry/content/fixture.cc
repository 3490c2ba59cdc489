#include "mockregistry/content/fixture.h"

namespace pullproof::mockregistry::content {

TarBlob::TarBlob() = default;
TarBlob::TarBlob(const TarBlob&) = default;
TarBlob::TarBlob(TarBlob&&) noexcept = default;
TarBlob& TarBlob::operator=(const TarBlob&) = default;
TarBlob& TarBlob::operator=(TarBlob&&) noexcept = default;
TarBlob::~TarBlob() = default;

}  // namespace pullproof::mockregistry::content

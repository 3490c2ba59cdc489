// gzip without compression: the same bytes everywhere, whatever a zlib would have chosen.
// Spec: RFC 1952 (members), RFC 1951 section 3.2.4 (stored blocks); docs/fixtures.md "Bytes".
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_GZIP_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_GZIP_H_

#include "mockregistry/content/byte_source.h"

namespace pullproof::mockregistry::content {

// One member: no name, time 0, OS 255 (unknown), stored blocks of 65,535 bytes of which the last
// may be shorter (and is empty for empty content). Reads `content` once, for its checksum.
Bytes Gzip(Bytes content);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_GZIP_H_

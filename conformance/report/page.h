// The files that the HTML page is put together from. Internal to report/.
#ifndef PULLPROOF_CONFORMANCE_REPORT_PAGE_H_
#define PULLPROOF_CONFORMANCE_REPORT_PAGE_H_

#include <span>

#include "base/embedded_file.h"

namespace pullproof::conformance::report {

// page.html with names between at signs for what is filled in, matrix.css, matrix.js.
std::span<const EmbeddedFile> PageFiles();

}  // namespace pullproof::conformance::report

#endif  // PULLPROOF_CONFORMANCE_REPORT_PAGE_H_

// How to write to a terminal, or to what is none.
#ifndef PULLPROOF_CONFORMANCE_REPORT_TERMINAL_H_
#define PULLPROOF_CONFORMANCE_REPORT_TERMINAL_H_

#include <cstddef>

namespace pullproof::conformance::report {

struct Style {
  bool colour = false;
  std::size_t width = 0;  // columns; 0: lines are as long as they are
};

// Colours and a width only when the file descriptor is a terminal; no colours when NO_COLOR is set
// to anything (no-color.org) or TERM is "dumb".
Style StyleFor(int file_descriptor);

}  // namespace pullproof::conformance::report

#endif  // PULLPROOF_CONFORMANCE_REPORT_TERMINAL_H_

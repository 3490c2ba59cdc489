#include "conformance/report/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace pullproof::conformance::report {
namespace {

bool WantsColour() {
  const char* const no_colour = std::getenv("NO_COLOR");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  const char* const terminal = std::getenv("TERM");
  return terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace

Style StyleFor(int file_descriptor) {
  if (isatty(file_descriptor) == 0) return {};
  Style style{.colour = WantsColour(), .width = 0};
  winsize size{};
  if (ioctl(file_descriptor, TIOCGWINSZ, &size) == 0) style.width = size.ws_col;
  return style;
}

}  // namespace pullproof::conformance::report

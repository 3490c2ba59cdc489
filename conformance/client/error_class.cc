#include "conformance/client/error_class.h"

#include <algorithm>
#include <utility>

namespace pullproof::conformance::client {

std::string_view ErrorClassOf(std::string_view error_id) {
  using Row = std::pair<std::string_view, std::string_view>;
  // Exact ids before the families that they belong to.
  static constexpr std::array kRows = {
      Row{"digest.mismatch", "digest_mismatch"},
      Row{"size.mismatch", "size_mismatch"},
      Row{"registry.not-found", "not_found"},
      Row{"registry.unauthorized", "unauthorized"},
      Row{"registry.denied", "denied"},
      Row{"registry.too-many-requests", "too_many_requests"},
      Row{"registry.server-error", "server_error"},
      Row{"transport.timeout", "timeout"},
      Row{"transport.tls", "tls"},
      Row{"digest.unsupported", "unsupported"},
      Row{"transport.", "network"},
      Row{"digest.", "bad_content"},
      Row{"manifest.", "bad_content"},
      Row{"media-type.", "bad_content"},
      Row{"json.", "bad_content"},
      Row{"limit.", "bad_content"},
  };
  const auto found = std::ranges::find_if(kRows, [&](const Row& row) {
    return row.first.ends_with('.') ? error_id.starts_with(row.first) : error_id == row.first;
  });
  return found == kRows.end() ? std::string_view() : found->second;
}

}  // namespace pullproof::conformance::client

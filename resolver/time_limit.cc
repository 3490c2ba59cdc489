#include "resolver/time_limit.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace pullproof::resolver {

Result<transport::Response> TimeLimitTransport::Exchange(const transport::Request& request,
                                                         const transport::Receiver& receiver) {
  const auto too_late = [&] {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(limit_).count();
    return Fail("limit.time", fmt::format("the run has taken more than {} s", seconds), {},
                "what is in the cache already is not fetched again: try once more");
  };
  const Duration left = end_ - clock_.Now();
  if (left <= Duration::zero()) return too_late();
  transport::Request bounded = request;
  bounded.total_timeout = std::min(request.total_timeout, left);
  auto response = inner_.Exchange(bounded, receiver);
  if (!response && clock_.Now() >= end_) return too_late();
  return response;
}

}  // namespace pullproof::resolver

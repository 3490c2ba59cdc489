// Contract: what is to be waited is more than nothing and at most a year; a number of seconds is
// that number; blanks around it change nothing.
#include <chrono>
#include <string>

#include "fuzz/contract.h"
#include "resolver/registry_client/retry_after.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using pullproof::resolver::registry_client::ParseRetryAfter;
  const std::string text(pullproof::fuzz::AsText(data, size));
  const std::chrono::system_clock::time_point now{std::chrono::seconds(1'767'225'600)};
  const auto wait = ParseRetryAfter(text, now);
  if (!wait) return 0;
  PULLPROOF_CONTRACT(wait->count() > 0);
  PULLPROOF_CONTRACT(*wait <= std::chrono::hours(24) * 366);
  PULLPROOF_CONTRACT(ParseRetryAfter(std::to_string(wait->count()), now) == wait);
  return 0;
}

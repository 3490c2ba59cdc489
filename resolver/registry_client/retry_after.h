// How long a server asks to be left alone.
// Spec: RFC 9110 sections 10.2.3 (Retry-After) and 5.6.7 (HTTP-date).
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_RETRY_AFTER_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_RETRY_AFTER_H_

#include <chrono>
#include <optional>
#include <string_view>

namespace pullproof::resolver::registry_client {

// The three forms of a date that a recipient must read. `now` decides the century of the one with
// two digits. nullopt for anything else. Pure.
std::optional<std::chrono::sys_seconds> ParseHttpDate(std::string_view text,
                                                      std::chrono::sys_seconds now);

// Seconds from `now`, from a number or a date; at most a year, however much is asked. nullopt when
// it says nothing usable: no number and no date, negative, zero, or a date that has passed. Pure.
std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view value,
                                                    std::chrono::system_clock::time_point now);

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_RETRY_AFTER_H_

// What the operations of the API are given, and the answers that several of them share.
#ifndef PULLPROOF_MOCKREGISTRY_API_ANSWER_H_
#define PULLPROOF_MOCKREGISTRY_API_ANSWER_H_

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "mockregistry/api/handle.h"
#include "oci/digest.h"

namespace pullproof::mockregistry::api {

// One request on its way to an answer. Refers to the arguments of Handle.
struct Exchange {
  const Request& request;
  const Route& route;
  const Context& context;

  [[nodiscard]] store::Store& store() const { return *context.store; }
  [[nodiscard]] const std::string& repository() const { return route.repository; }
  [[nodiscard]] const std::string& reference() const { return route.reference; }
};

// What one step of an operation found out, or the answer that ends the operation.
template <typename T>
using Step = std::expected<T, Response>;
inline Response Settle(Step<Response> step) {
  return step ? *std::move(step) : std::move(step).error();
}

// A header that several operations write.
inline constexpr std::string_view kContentDigestHeader = "Docker-Content-Digest";

// A status and no body.
Response Empty(int status);
Response Json(std::string body, std::string_view media_type = "application/json");

// An error's sentence and hint as the body of the given code, its `where` as the detail.
Response Refuse(std::string_view code, const Error& error, int status = 0);
// The same for what the store said: each of its errors has one code.
Response RefusedByStore(const Error& error);

// NAME_INVALID for what cannot be the name of a repository; absent when it can.
std::optional<Response> RefuseName(std::string_view repository);
// DIGEST_INVALID for what is no digest, or one of an algorithm that is not supported.
Step<oci::Digest> ReadDigest(std::string_view text);

// Why something was not found, most general reason first: NAME_INVALID, DIGEST_INVALID for a broken
// digest, NAME_UNKNOWN, and then `code`.
Response NotFound(const Exchange& exchange, std::string_view code);

// The URL of a blob or manifest, as a path.
std::string LocationOf(std::string_view repository, std::string_view kind,
                       std::string_view reference);

}  // namespace pullproof::mockregistry::api

#endif  // PULLPROOF_MOCKREGISTRY_API_ANSWER_H_

#include "mockregistry/api/handle.h"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mockregistry/api/operations.h"

namespace pullproof::mockregistry::api {
namespace {

// Spec: "Determining Support"; the header is what Docker's clients ask for (distribution,
// docs/spec/api.md "API Version Check").
Response Ping() {
  Response response = Json("{}");
  response.headers.Add("Docker-Distribution-API-Version", "registry/2.0");
  return response;
}

// RFC 9110 section 15.5.6: a 405 says what is allowed.
Response MethodNotAllowed(std::string allowed, std::string_view message) {
  Response response = ErrorResponse("UNSUPPORTED", message);
  response.headers.Add("Allow", std::move(allowed));
  return response;
}

Response NoSuchRoute(const Exchange& exchange) {
  const std::string& target = exchange.request.target;
  if (exchange.route.operation == Operation::kUnknown) {
    const std::vector<std::string_view> methods = MethodsOf(target);
    if (!methods.empty()) {
      return MethodNotAllowed(fmt::format("{}", fmt::join(methods, ", ")),
                              "the method is not supported there");
    }
  }
  return ErrorResponse("UNSUPPORTED", "the distribution API has nothing there", 404,
                       target.substr(0, 300));
}

bool Changes(Operation operation) {
  switch (operation) {
    case Operation::kManifestPut:
    case Operation::kManifestDelete:
    case Operation::kBlobDelete:
    case Operation::kUploadStart:
    case Operation::kUploadMount:
    case Operation::kUploadPatch:
    case Operation::kUploadPut:
    case Operation::kUploadDelete:
      return true;
    default:
      return false;
  }
}

Response Dispatch(const Exchange& exchange) {
  const Operation operation = exchange.route.operation;
  if (exchange.context.read_only && Changes(operation)) {
    return MethodNotAllowed("GET, HEAD", "the registry is read-only");
  }
  switch (operation) {
    case Operation::kPing:
      return Ping();
    case Operation::kManifestGet:
    case Operation::kManifestHead:
      return GetManifest(exchange);
    case Operation::kManifestPut:
      return PutManifest(exchange);
    case Operation::kManifestDelete:
      return DeleteManifest(exchange);
    case Operation::kBlobGet:
    case Operation::kBlobHead:
      return GetBlob(exchange);
    case Operation::kBlobDelete:
      return DeleteBlob(exchange);
    case Operation::kUploadStart:
      return StartUpload(exchange);
    case Operation::kUploadMount:
      return MountBlob(exchange);
    case Operation::kUploadPatch:
      return PatchUpload(exchange);
    case Operation::kUploadPut:
      return PutUpload(exchange);
    case Operation::kUploadGet:
      return GetUpload(exchange);
    case Operation::kUploadDelete:
      return DeleteUpload(exchange);
    case Operation::kTagsList:
      return ListTags(exchange);
    case Operation::kReferrersList:
      return ListReferrers(exchange);
    case Operation::kCatalog:
      return ListRepositories(exchange);
    case Operation::kToken:
    case Operation::kUnknown:
      break;
  }
  return NoSuchRoute(exchange);
}

// Spec: "Warnings": code 299, agent `-`, no date.
void AddWarnings(std::span<const std::string> warnings, Response& response) {
  std::size_t bytes = 0;
  for (const std::string& text : warnings) {
    std::string value = fmt::format("299 - \"{}\"", text);
    bytes += value.size();
    if (bytes > kMaxWarningBytes) return;
    response.headers.Add("Warning", std::move(value));
  }
}

}  // namespace

Response Handle(const Request& request, const Route& route, const Context& context) {
  Response response = Dispatch({request, route, context});
  AddWarnings(context.warnings, response);
  response.head_only = request.method == "HEAD";
  return response;
}

}  // namespace pullproof::mockregistry::api

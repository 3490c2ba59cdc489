#include "conformance/client/client.h"

namespace pullproof::conformance::client {

std::string_view VerbName(Verb verb) {
  switch (verb) {
    case Verb::kPull:
      return "pull";
    case Verb::kPush:
      return "push";
    case Verb::kCopy:
      return "copy";
    case Verb::kListTags:
      return "list-tags";
    case Verb::kReferrers:
      return "referrers";
    case Verb::kResolve:
      return "resolve";
    case Verb::kDelete:
      return "delete";
    case Verb::kMount:
      return "mount";
    case Verb::kLogin:
      return "login";
    case Verb::kUnpack:
      return "unpack";
  }
  return {};
}

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kCrashed:
      return "crashed";
    case Outcome::kHung:
      return "hung";
    case Outcome::kUnsupported:
      return "unsupported";
    case Outcome::kBroken:
      return "broken";
  }
  return {};
}

}  // namespace pullproof::conformance::client

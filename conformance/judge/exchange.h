// An exchange of the journal as it may be shown: without any secret.
#ifndef PULLPROOF_CONFORMANCE_JUDGE_EXCHANGE_H_
#define PULLPROOF_CONFORMANCE_JUDGE_EXCHANGE_H_

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mockregistry/auth/auth.h"
#include "mockregistry/journal/journal.h"

namespace pullproof::conformance::judge {

struct Exchange {
  std::uint64_t number = 0;
  std::uint64_t connection = 0;
  std::uint64_t received_us = 0;  // since the first exchange of the case
  std::uint64_t took_us = 0;
  std::string host;
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> request_headers;
  std::string operation;  // empty when it was no known one
  std::string name;       // of the content; empty when unknown
  std::string rule;       // that fired; empty for the honest answer
  int status = 0;         // 0: no answer
  std::vector<std::pair<std::string, std::string>> response_headers;
  std::uint64_t body_size = 0;
  std::uint64_t body_sent = 0;
  std::string ending;

  bool operator==(const Exchange&) const = default;
};

// Secrets become "<password>" and the like wherever they stand; secret headers keep their scheme
// and the start of a hash (journal::Redact).
std::vector<Exchange> RedactJournal(std::span<const mockregistry::journal::Entry> journal,
                                    std::span<const mockregistry::auth::Secret> secrets);

// The text with every secret in it replaced, as it is and percent-encoded.
std::string RedactText(std::string text, std::span<const mockregistry::auth::Secret> secrets);

// "#3 GET registry /v2/app/blobs/sha256:… (layer) -> 200, 26112 of 65536 bytes, cut rst
// <- rule `cut`", on one line and safe to print.
std::string DescribeExchange(const Exchange& exchange);

}  // namespace pullproof::conformance::judge

#endif  // PULLPROOF_CONFORMANCE_JUDGE_EXCHANGE_H_

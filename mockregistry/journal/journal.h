// What was asked, what was answered, and by which rule. The only witness that a judge has.
#ifndef PULLPROOF_MOCKREGISTRY_JOURNAL_JOURNAL_H_
#define PULLPROOF_MOCKREGISTRY_JOURNAL_JOURNAL_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::journal {

// One request and its answer; or, with an empty method, a connection that ended before any request:
// it was refused, or its TLS handshake was scripted or failed.
struct Entry {
  std::uint64_t number = 0;  // 1, 2, … in order of arrival
  // On the registry's clock: when the request was there, when the answer began to go out, and when
  // its last byte was handed to the connection. The last two are 0 until the exchange is over.
  Duration received{};
  Duration began{};
  Duration answered{};
  std::uint64_t connection = 0;
  std::string host;  // the fixture's name for the host: "registry"; "proxy" for the proxy itself
  std::string via = {};  // through the proxy: "tunnel" (CONNECT) or "forward"; empty: directly
  // The request.
  std::string method;
  std::string target;            // raw
  oci::Headers request_headers;  // in order, values in clear text: see Redact
  std::string request_body;      // up to kMaxKeptBody bytes
  std::uint64_t request_body_size = 0;
  // What it meant.
  std::string operation;  // "manifest.get"; empty when it was no known one
  std::string repository;
  std::string reference;  // tag or digest
  std::string name;       // of the content in the fixture; empty when unknown
  // The answer. A request that was refused (by its host, or for want of credentials) asks no rule.
  bool rules_asked = true;
  std::string rule;      // that fired; empty for the honest answer
  std::string mutation;  // what its `mutate` did to the manifest
  int status = 0;        // 0: no answer at all
  oci::Headers response_headers;
  std::uint64_t body_size = 0;  // what the answer should have had
  std::uint64_t body_sent = 0;  // what was handed to the connection
  // "complete", "cut fin", "cut rst", "hang", "reset", "client gone", "stopped"; without a request
  // "refused", "tls alert", "tls failed" (the client broke it off), "tls complete"
  std::string ending;
};

inline constexpr std::size_t kMaxKeptBody = 64 * 1024;  // an OAuth form or a manifest, not a blob

using Predicate = std::function<bool(const Entry&)>;

// How long to wait.
struct Patience {
  Duration timeout{};
  // The timeout is on this clock; null: real time. A clock that is moved by hand tells nobody that
  // it moved, so it is looked at every few milliseconds of real time.
  Clock* clock = nullptr;
  // The wait ends when this is true: set it, then call Wake.
  const std::atomic<bool>* stop = nullptr;
};

// A bounded ring of entries; the oldest go first, and are counted. Thread-safe. Functions that are
// handed in run under the journal's lock: they must be short and must not call the journal.
class Journal {
 public:
  // One conformance case needs under 1,000; a soak run must not eat the machine.
  static constexpr std::size_t kDefaultCapacity = 20'000;
  // With a capacity of 0 the journal keeps nothing.
  explicit Journal(std::size_t capacity = kDefaultCapacity) : capacity_(capacity) {}

  [[nodiscard]] bool keeps() const { return capacity_ > 0; }

  // Gives the entry its number and keeps it; returns the number. An exchange is appended when its
  // request was read, and completed when its answer went out.
  std::uint64_t Append(Entry entry);
  // Changes an entry in place; nothing happens when the ring has let it go.
  void Complete(std::uint64_t number, const std::function<void(Entry&)>& change);

  [[nodiscard]] std::vector<Entry> Snapshot() const;
  // The last `limit` of those that match, in order of arrival.
  [[nodiscard]] std::vector<Entry> Find(const Predicate& matches,
                                        std::size_t limit = SIZE_MAX) const;
  [[nodiscard]] std::size_t Count(const Predicate& matches) const;
  // Entries that the ring has let go.
  [[nodiscard]] std::uint64_t dropped() const;
  // Waits until at least `count` entries match, woken by each change; false when patience is over.
  bool Wait(std::size_t count, const Predicate& matches, const Patience& patience) const;
  bool Wait(std::size_t count, const Predicate& matches, Duration timeout) const {
    return Wait(count, matches, Patience{.timeout = timeout, .clock = nullptr, .stop = nullptr});
  }
  // Makes every wait look at its `stop`.
  void Wake() const;
  // Forgets every entry. Numbers go on, so that an exchange that is still under way cannot complete
  // an entry of later.
  void Clear();

  // Is given every entry when its exchange is over, one at a time, in that order, also those that
  // the ring lets go later. Set it before the first exchange.
  void SetSink(std::function<void(const Entry&)> sink) { sink_ = std::move(sink); }

 private:
  std::size_t capacity_;
  std::function<void(const Entry&)> sink_;
  std::mutex sink_mutex_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<Entry> entries_;
  std::uint64_t last_number_ = 0;
  std::uint64_t dropped_ = 0;
};

// The entry as one line of JSON, secrets replaced (see Redact, RedactForm): for JSONL files and
// reports. Times are nanoseconds on the registry's clock. A body that is no UTF-8 is in base64,
// under another name. Pure.
std::string ToJson(const Entry& entry);

// The value of a header as it may be shown: of a secret one only its scheme and the first 8
// hexadecimal digits of the SHA-256 of the rest, so that equal secrets can be told from unequal
// ones: "Bearer [sha256:2bb80d53]". Of a header that holds a URL (Location, Content-Location,
// Referer, Link), what RedactTarget does. Pure.
std::string Redact(std::string_view header, std::string_view value);

// The same for the value of a parameter of a query or form: passwords, tokens, and what a signed
// URL consists of (X-Amz-Signature, sig, Key-Pair-Id …). Pure.
bool IsSecretParameter(std::string_view name);
std::string RedactParameter(std::string_view name, std::string_view value);
// A target or URL with the secret values of its query replaced: in place, the rest byte for byte.
std::string RedactTarget(std::string_view target);

// The same for the values of an OAuth form (RFC 6749) that are secrets. Pure.
std::string RedactForm(std::string_view form);

}  // namespace pullproof::mockregistry::journal

#endif  // PULLPROOF_MOCKREGISTRY_JOURNAL_JOURNAL_H_

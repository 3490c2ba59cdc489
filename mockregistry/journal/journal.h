// What was asked, what was answered, and by which rule. The only witness that a judge has.
#ifndef PULLPROOF_MOCKREGISTRY_JOURNAL_JOURNAL_H_
#define PULLPROOF_MOCKREGISTRY_JOURNAL_JOURNAL_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::journal {

struct Entry {
  std::uint64_t number = 0;  // 1, 2, … in order of arrival
  Duration received{};       // on the registry's clock
  Duration answered{};       // when the last byte went out
  std::uint64_t connection = 0;
  std::string host;  // the fixture's name for the host: "registry"
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
  // The answer.
  std::string rule;  // that fired; empty for the honest answer
  int status = 0;    // 0: no answer at all
  oci::Headers response_headers;
  std::uint64_t body_size = 0;  // what the answer should have had
  std::uint64_t body_sent = 0;  // what was handed to the connection
  // "complete", "cut fin", "cut rst", "hang", "reset", "client gone", "stopped"
  std::string ending;
};

inline constexpr std::size_t kMaxKeptBody = 64 * 1024;  // an OAuth form or a manifest, not a blob

// A bounded ring of entries; the oldest go first, and are counted. Thread-safe. Functions that are
// handed in run under the journal's lock: they must be short and must not call the journal.
class Journal {
 public:
  // One conformance case needs under 1,000; a soak run must not eat the machine.
  static constexpr std::size_t kDefaultCapacity = 20'000;
  explicit Journal(std::size_t capacity = kDefaultCapacity) : capacity_(capacity) {}

  // Gives the entry its number and keeps it; returns the number. An exchange is appended when its
  // request was read, and completed when its answer went out.
  std::uint64_t Append(Entry entry);
  // Changes an entry in place; nothing happens when the ring has let it go.
  void Complete(std::uint64_t number, const std::function<void(Entry&)>& change);

  [[nodiscard]] std::vector<Entry> Snapshot() const;
  [[nodiscard]] std::size_t Count(const std::function<bool(const Entry&)>& matches) const;
  // Entries that the ring has let go.
  [[nodiscard]] std::uint64_t dropped() const;
  // Waits until at least `count` entries match, woken by each change; false after `timeout` of
  // real time.
  bool Wait(std::size_t count, const std::function<bool(const Entry&)>& matches,
            Duration timeout) const;
  // Forgets every entry. Numbers go on, so that an exchange that is still under way cannot complete
  // an entry of later.
  void Clear();

 private:
  std::size_t capacity_;
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
// ones: "Bearer [sha256:2bb80d53]". Pure.
std::string Redact(std::string_view header, std::string_view value);

// The same for the values of an OAuth form (RFC 6749) that are secrets: password, refresh_token,
// access_token, client_secret, code, assertion. Pure.
std::string RedactForm(std::string_view form);

}  // namespace pullproof::mockregistry::journal

#endif  // PULLPROOF_MOCKREGISTRY_JOURNAL_JOURNAL_H_

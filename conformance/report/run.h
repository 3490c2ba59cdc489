// What one run of the suite came to: the data that every report shows.
#ifndef PULLPROOF_CONFORMANCE_REPORT_RUN_H_
#define PULLPROOF_CONFORMANCE_REPORT_RUN_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "conformance/judge/exchange.h"
#include "conformance/judge/verdict.h"

namespace pullproof::conformance::report {

using judge::Level;
using judge::Verdict;

// Bounds of what a report keeps of one case; a client that is told to loop must not fill the disk.
inline constexpr std::size_t kMaxKeptExchanges = 200;
inline constexpr std::size_t kMaxKeptText = std::size_t{4} << 10;  // bytes of each output stream

struct Header {
  std::string harness;           // "pullproof 0.1.0"
  std::string client;            // "skopeo"
  std::string client_version;    // empty when unknown
  std::string started;           // RFC 3339, UTC
  std::vector<std::string> run;  // globs of ids; empty: all
  std::vector<std::string> skip;
  std::vector<std::string> options;  // that bear on the verdicts: "--strict", "--seed 7"
  std::size_t cases = 0;             // that are selected

  bool operator==(const Header&) const = default;
};

struct StepReport {
  std::string verb;  // "pull"
  std::string reference;
  std::string outcome;  // "ok", "failed" …
  int exit_status = 0;
  std::string error_class;
  std::uint64_t took_us = 0;
  std::optional<std::uint64_t> peak_memory;  // bytes
  std::vector<std::string> command;          // without secrets; empty in process
  std::string out;                           // the end of it, made safe to print
  std::string err;

  bool operator==(const StepReport&) const = default;
};

struct CaseReport {
  std::string id;
  std::string title;
  Level level = Level::kMust;
  std::vector<std::string> spec;  // anchors
  std::string why;
  std::string file;
  std::string twin;  // id; empty when there is none
  Verdict verdict = Verdict::kPass;
  std::string reason;  // of a skipped case, and of one that does not count
  std::vector<judge::Finding> findings;
  std::vector<std::string> notes;
  std::vector<StepReport> steps;
  std::vector<judge::Exchange> exchanges;  // the first kMaxKeptExchanges
  std::uint64_t exchanges_seen = 0;
  std::uint64_t took_us = 0;
  std::string again;  // the command that runs only this case again
  std::string kept;   // where its directory was left; empty when it was removed

  bool operator==(const CaseReport&) const = default;
};

struct Summary {
  std::map<Verdict, std::size_t> counts;  // verdicts that nobody got are not there
  std::uint64_t took_us = 0;              // wall time of the run

  [[nodiscard]] std::size_t Count(Verdict verdict) const;
  bool operator==(const Summary&) const = default;
};

struct Run {
  Header header;
  std::vector<CaseReport> cases;  // in the order of their ids
  Summary summary;

  bool operator==(const Run&) const = default;
};

// Takes a run as it happens: one Begin, an Add for each case in the order of the suite, one End.
// Calls come one at a time, from any thread.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void Begin(const Header& header) = 0;
  virtual void Add(const CaseReport& report) = 0;
  virtual void End(const Summary& summary) = 0;
};

// Keeps everything, for reports that are written at the end.
class Collector final : public Sink {
 public:
  void Begin(const Header& header) override { run_.header = header; }
  void Add(const CaseReport& report) override { run_.cases.push_back(report); }
  void End(const Summary& summary) override { run_.summary = summary; }
  [[nodiscard]] const Run& run() const { return run_; }

 private:
  Run run_;
};

// Hands everything on to several sinks, in their order. They are not owned.
class Tee final : public Sink {
 public:
  explicit Tee(std::vector<Sink*> sinks) : sinks_(std::move(sinks)) {}
  void Begin(const Header& header) override;
  void Add(const CaseReport& report) override;
  void End(const Summary& summary) override;

 private:
  std::vector<Sink*> sinks_;
};

// True for the verdicts that fail a run: fail, hang, crash, leak; and xpass and flaky, which nobody
// expected.
bool IsFailure(Verdict verdict);

// 0: as expected; 1: some verdict is a failure; 3: nothing failed, but for some case nothing can be
// said (error). What the client did wrong comes first: it is certain.
int ExitStatus(const Summary& summary);

}  // namespace pullproof::conformance::report

#endif  // PULLPROOF_CONFORMANCE_REPORT_RUN_H_

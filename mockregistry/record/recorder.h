// A proxy before a registry that remembers what it passed on.
#ifndef PULLPROOF_MOCKREGISTRY_RECORD_RECORDER_H_
#define PULLPROOF_MOCKREGISTRY_RECORD_RECORDER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "mockregistry/record/recording.h"
#include "mockregistry/record/upstream.h"
#include "mockregistry/wire/in_flight.h"
#include "mockregistry/wire/server.h"

namespace pullproof::mockregistry::record {

class Recorder {
 public:
  // Listens on 127.0.0.1 when it returns; `clock` outlives it. Error: registry.bind.
  static Result<std::unique_ptr<Recorder>> Start(Upstream upstream, std::uint16_t port,
                                                 Clock& clock);
  ~Recorder();

  [[nodiscard]] std::string Url() const;  // "http://127.0.0.1:40123"
  [[nodiscard]] const std::string& upstream() const { return upstream_.url(); }
  [[nodiscard]] const Recording& recording() const { return recording_; }
  // Lets what is under way end; false when that takes longer.
  bool AwaitIdle(Duration timeout) { return in_flight_.AwaitNone(timeout); }

 private:
  explicit Recorder(Upstream upstream) : upstream_(std::move(upstream)) {}

  api::Response Answer(const api::Request& request);

  Upstream upstream_;
  Recording recording_;
  wire::InFlight in_flight_;
  std::unique_ptr<wire::Server> wire_;
};

}  // namespace pullproof::mockregistry::record

#endif  // PULLPROOF_MOCKREGISTRY_RECORD_RECORDER_H_

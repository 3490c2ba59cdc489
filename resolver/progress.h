// What is being fetched, told to whoever wants to show it: a transport around another one, which
// recognises manifests and blobs by their URLs (distribution-spec, "Pull"), through redirects too.
//
//   ProgressTransport watched(transport, [](const ProgressEvent& event) { … });
//   environment.transport = &watched;
#ifndef PULLPROOF_RESOLVER_PROGRESS_H_
#define PULLPROOF_RESOLVER_PROGRESS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "resolver/transport/transport.h"

namespace pullproof::resolver {

struct ProgressEvent {
  enum class Kind {
    kManifest,       // one was served: `name` is what was asked for
    kLayerStart,     // a blob's bytes begin to arrive; `size` says how many
    kLayerProgress,  // `done` of them are there
    kLayerDone,      // the answer is whole; whether it is the right one is found out afterwards
    kLayerFailed,    // it broke off; it may be asked for again
  };
  Kind kind = Kind::kManifest;
  std::string repository;  // "acme/shop"
  std::string name;        // a tag or a digest
  std::uint64_t done = 0;
  std::optional<std::uint64_t> size;  // absent: the server does not say
};

// Called by the threads that transfer, one at a time. It must not ask the transport for anything.
using OnProgress = std::function<void(const ProgressEvent&)>;

// Thread-safe. What comes out of the cache makes no event, and neither does what is sent.
class ProgressTransport final : public transport::Transport {
 public:
  // `inner` is not owned.
  ProgressTransport(transport::Transport& inner, OnProgress on_progress)
      : inner_(inner), on_progress_(std::move(on_progress)) {}

  Result<transport::Response> Exchange(const transport::Request& request,
                                       const transport::Receiver& receiver) override;

 private:
  struct Subject {
    bool is_manifest = false;
    std::string repository;
    std::string name;
  };

  // What a request is for; nullopt for tokens, listings and everything else.
  std::optional<Subject> SubjectOf(const transport::Request& request);
  void Tell(const ProgressEvent& event);
  // A redirect leads to the same content at another URL.
  void Remember(const std::string& location, const Subject& subject);

  transport::Transport& inner_;
  OnProgress on_progress_;
  std::mutex mutex_;
  std::map<std::string, Subject> elsewhere_;  // by URL
};

}  // namespace pullproof::resolver

#endif  // PULLPROOF_RESOLVER_PROGRESS_H_

// A reference adapter in C++: the resolver of this project behind docs/adapter-protocol.md.
// It pulls, several at a time. Copy it, and call your own client where Pull is called.
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/file.h"
#include "oci/reference.h"
#include "resolver/resolver.h"
#include "resolver/transport/curl_transport.h"

namespace {

using nlohmann::json;
using namespace pullproof;

constexpr int kParallel = 4;

class Adapter {
 public:
  // Until `stop`, or until the harness is gone.
  void Serve() {
    std::vector<std::thread> runs;
    for (std::string line; std::getline(std::cin, line);) {
      const json message = json::parse(line);
      if (message.at("do") == "stop") break;
      if (message.at("do") == "start") {
        Say({{"re", "start"},
             {"protocol", 2},
             {"name", "reference.cc"},
             {"version", "1"},
             {"verbs", {"pull"}},
             {"capabilities", json::array()},
             {"parallel", kParallel}});
      } else {
        runs.emplace_back([this, message] { Say(Run(message)); });
      }
    }
    for (std::thread& run : runs) run.join();
  }

 private:
  void Say(const json& reply) {
    const std::lock_guard lock(mutex_);
    std::cout << reply.dump() << std::endl;
  }

  json Run(const json& task) {
    json reply = {{"re", "run"}, {"id", task.at("id")}};
    const Result<void> pulled = Pull(task);
    if (pulled) {
      reply["outcome"] = "ok";
    } else {
      reply["outcome"] = "failed";
      reply["message"] = Describe(pulled.error());
    }
    return reply;
  }

  Result<void> Pull(const json& task) {
    PULLPROOF_ASSIGN_OR_RETURN(const oci::Reference reference,
                               oci::Reference::Parse(task.at("reference").get<std::string>()));
    return resolver::Pull(
        {.reference = reference, .platform = {}, .layout = task.at("output").get<std::string>()},
        {.transport = &transport_, .clock = &clock_, .files = &files_, .registries = {}});
  }

  resolver::transport::CurlTransport transport_;
  SystemClock clock_;
  SystemFileSystem files_;
  std::mutex mutex_;
};

}  // namespace

int main() { Adapter().Serve(); }

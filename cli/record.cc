// pullproof record: a proxy before a registry, and a fixture of what it passed on.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/serve_events.h"
#include "mockregistry/journal/json_writer.h"
#include "mockregistry/record/recorder.h"

namespace pullproof::cli {
namespace {

namespace record = mockregistry::record;

// As `serve` gives its exchanges.
constexpr Duration kDrainTime = std::chrono::seconds(5);

struct Options {
  std::string upstream;
  std::string output;
  std::string id = "recorded";
  std::uint16_t port = 0;
  std::string timeout;
  bool until_stdin_eof = false;
};

int Finish(record::Recorder& recorder, const Options& options) {
  recorder.AwaitIdle(kDrainTime);
  const record::Recording& recording = recorder.recording();
  SystemFileSystem files;
  const Result<void> written =
      recording.Write(files, options.output, options.id, "Recorded from " + recorder.upstream());
  if (!written) {
    PrintError(written.error());
    return kHarness;
  }
  fmt::print(stderr, "pullproof: {}: {}\n", options.output, recording.Summary());
  for (const std::string& sentence : recording.left_out()) {
    fmt::print(stderr, "pullproof: left out: {}\n", sentence);
  }
  return recording.left_out().empty() ? kAsExpected : kFailed;
}

int Run(const Options& options) {
  ServeEvents events;
  if (!options.timeout.empty()) events.StopAfter(*ParseDuration(options.timeout));
  if (options.until_stdin_eof) events.StopAtEndOfInput();
  Result<record::Upstream> upstream = record::Upstream::At(options.upstream);
  if (!upstream) {
    PrintError(upstream.error());
    return kMisuse;
  }
  SystemClock clock;
  auto recorder = record::Recorder::Start(*std::move(upstream), options.port, clock);
  if (!recorder) {
    PrintError(recorder.error());
    return kHarness;
  }
  fmt::print("{}\n", mockregistry::journal::JsonObject()
                         .Text("listening", (*recorder)->Url())
                         .Number("pid", ::getpid())
                         .Text("upstream", (*recorder)->upstream())
                         .Finish());
  std::fflush(stdout);
  while (events.Next()) {
  }
  return Finish(**recorder, options);
}

}  // namespace

void AddRecord(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "record",
      "Stand as a proxy before a registry, and write a fixture that serves what clients pulled\n"
      "through it, byte for byte. Small content is in the fixture, large content in files beside\n"
      "it. Credentials, cookies and URLs are never written. Prints one line of JSON when it\n"
      "listens, and writes at SIGTERM, SIGINT, or when it is time.");
  auto options = std::make_shared<Options>();
  command
      ->add_option("--upstream", options->upstream,
                   "The registry: http://HOST:PORT or https://HOST")
      ->required();
  command->add_option("-o,--output", options->output, "The fixture to write: FILE.json")
      ->required()
      ->check([](const std::string& file) {
        return file.ends_with(".json") ? std::string()
                                       : "a fixture that is written is JSON: FILE.json";
      });
  command->add_option("--id", options->id, "The fixture's id")->capture_default_str();
  command->add_option("--port", options->port, "Port to listen at; 0: any")->capture_default_str();
  command->add_option("--timeout", options->timeout, "Stop by itself after this long: 30s, 500ms")
      ->check(CheckDuration);
  command->add_flag("--until-stdin-eof", options->until_stdin_eof, "Stop when standard input ends");
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli

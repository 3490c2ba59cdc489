#include "mockregistry/script/read_body_fault.h"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::mockregistry::script {
namespace {

constexpr std::array<std::string_view, 8> kNames{
    "swap", "flip_bit", "append", "cut", "bytes_per_s", "slice", "length", "chunk_error"};

constexpr std::array<std::pair<std::string_view, Cut::Ending>, 4> kEndings{{
    {"fin", Cut::Ending::kFin},
    {"rst", Cut::Ending::kRst},
    {"hang", Cut::Ending::kHang},
    {"tidy", Cut::Ending::kTidy},
}};

constexpr unsigned kWhole = 100;  // percent

void ReportAmount(TableReader& reader, const Node& value, std::string_view name,
                  std::string_view expected) {
  reader.problems().Report("script.amount", value.at(),
                           fmt::format("`{}` of {} must be {}", name, reader.what(), expected));
}

// "40%", up to 100; nullopt for any other text.
std::optional<unsigned> ParsePercent(std::string_view text) {
  unsigned percent = 0;
  const char* const end = text.data() + text.size();
  const auto [after, failure] = std::from_chars(text.data(), end, percent);
  if (failure != std::errc{} || std::string_view(after, end) != "%" || percent > kWhole) {
    return std::nullopt;
  }
  return percent;
}

// An integer that is not negative, or a size: 100, "64KiB".
std::optional<std::uint64_t> SizeOf(const Node& value) {
  if (const std::int64_t* number = value.integer(); number != nullptr && *number >= 0) {
    return static_cast<std::uint64_t>(*number);
  }
  if (const std::string* text = value.string()) {
    if (const Result<std::uint64_t> size = ParseSize(*text)) return *size;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ReadSize(TableReader& reader, std::string_view name) {
  const Node* value = reader.Get(name);
  if (value == nullptr) return std::nullopt;
  const std::optional<std::uint64_t> size = SizeOf(*value);
  if (!size) ReportAmount(reader, *value, name, "a number of bytes, as 100 or \"64KiB\"");
  return size;
}

BodyPlace ReadPlace(TableReader& reader, std::string_view name) {
  const Node* value = reader.Required(name);
  if (value == nullptr) return {};
  if (const std::string* text = value->string()) {
    if (const std::optional<unsigned> percent = ParsePercent(*text)) return {0, percent};
  }
  const std::optional<std::uint64_t> bytes = SizeOf(*value);
  if (!bytes) {
    ReportAmount(reader, *value, name, "a place in the body, as 100, \"64KiB\" or \"40%\"");
  }
  return {bytes.value_or(0), std::nullopt};
}

Cut ReadCut(const Node& node, const std::string& what, Diagnostics& problems) {
  Cut cut;
  TableReader reader(node, fmt::format("`cut` of {}", what), problems);
  cut.at = ReadPlace(reader, "at");
  cut.ending = reader.Enum<Cut::Ending>("end", kEndings, cut.ending);
  if (cut.ending == Cut::Ending::kTidy && cut.at.percent == kWhole) {
    problems.Report("script.no-effect", reader.PositionOf("at"),
                    fmt::format("a tidy {} at 100% cuts nothing", reader.what()));
  }
  reader.Finish();
  return cut;
}

// n, "omit" or "chunked".
void ReadLength(TableReader& reader, BodyFault& fault) {
  const Node* value = reader.Get("length");
  if (value == nullptr) return;
  const std::string* text = value->string();
  const std::int64_t* number = value->integer();
  if (text != nullptr && *text == "omit") {
    fault.framing = Framing::kUntilClose;
  } else if (text != nullptr && *text == "chunked") {
    fault.framing = Framing::kChunked;
  } else if (number != nullptr && *number >= 0) {
    fault.length = static_cast<std::uint64_t>(*number);
  } else {
    ReportAmount(reader, *value, "length", "a number of bytes, \"omit\" or \"chunked\"");
  }
}

void CheckConflicts(const BodyFault& fault, TableReader& reader) {
  const auto report = [&reader](std::string_view name, std::string_view why) {
    reader.problems().Report("script.conflict", reader.PositionOf(name),
                             fmt::format("`{}` of {} {}", name, reader.what(), why));
  };
  if (fault.chunk_error && (fault.length || fault.framing == Framing::kUntilClose)) {
    report("chunk_error", "needs chunks, which `length` rules out");
  }
  if (fault.length && fault.cut && fault.cut->ending == Cut::Ending::kTidy) {
    report("length", "says the length that a tidy cut is to correct");
  }
}

}  // namespace

std::span<const std::string_view> BodyFaultNames() { return kNames; }

BodyFault ReadBodyFault(const Node& node, const std::string& what, const Vocabulary& vocabulary,
                        Diagnostics& problems) {
  BodyFault fault;
  TableReader reader(node, what, problems);
  fault.swap = reader.OptionalString("swap");
  if (fault.swap) {
    vocabulary.CheckContent(*fault.swap, reader.PositionOf("swap"),
                            fmt::format("`swap` of {}", what), problems);
  }
  if (const auto bit = reader.OptionalInteger("flip_bit", 0)) {
    fault.flip_bit = static_cast<std::uint64_t>(*bit);
  }
  fault.append = reader.OptionalString("append");
  if (const Node* cut = reader.Get("cut")) fault.cut = ReadCut(*cut, what, problems);
  fault.bytes_per_s = ReadSize(reader, "bytes_per_s").value_or(0);
  fault.slice = ReadSize(reader, "slice").value_or(0);
  ReadLength(reader, fault);
  fault.chunk_error = reader.Bool("chunk_error", false);
  CheckConflicts(fault, reader);
  if (node.table() != nullptr && node.table()->empty()) {
    problems.Report("script.no-effect", node.at(), fmt::format("{} is empty", what));
  }
  reader.Finish();
  return fault;
}

}  // namespace pullproof::mockregistry::script

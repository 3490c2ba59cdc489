#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/content/content.h"
#include "mockregistry/content/names.h"
#include "mockregistry/content/read.h"
#include "mockregistry/content/tar.h"

namespace pullproof::mockregistry::content {
namespace {

using Kind = decltype(BlobSpec::kind);

Kind ReadText(TableReader& reader) { return TextBlob{reader.String("text")}; }

Kind ReadEncoded(TableReader& reader, std::string_view name,
                 Result<std::string> (*decode)(std::string_view)) {
  const Result<std::string> bytes = decode(reader.String(name));
  if (bytes) return TextBlob{*bytes};
  reader.problems().Report(
      "content.encoding", reader.PositionOf(name),
      fmt::format("`{}` of {}: {}", name, reader.what(), bytes.error().message));
  return TextBlob{};
}

Kind ReadBase64(TableReader& reader) { return ReadEncoded(reader, "base64", &Base64Decode); }
Kind ReadHex(TableReader& reader) { return ReadEncoded(reader, "hex", &HexDecode); }
Kind ReadFile(TableReader& reader) { return FileBlob{reader.String("file")}; }

Kind ReadJson(TableReader& reader) {
  const Node& value = *reader.Get("json");
  CheckValues(value, reader.problems());
  return JsonBlob{value};
}

Kind ReadRandom(TableReader& reader) {
  const std::uint64_t size = ReadSize(reader, "random").value_or(0);
  return RandomBlob{size, ReadSeed(reader, "seed")};
}

Kind ReadZeros(TableReader& reader) { return ZerosBlob{ReadSize(reader, "zeros").value_or(0)}; }

Kind ReadLayer(TableReader& reader) {
  const std::uint64_t size = ReadSize(reader, "layer").value_or(0);
  return LayerBlob{size, ReadSeed(reader, "seed")};
}

Kind ReadWasm(TableReader& reader) {
  static constexpr std::array<std::pair<std::string_view, bool>, 2> kModules{{
      {"empty-core", false},
      {"empty-component", true},
  }};
  WasmBlob wasm{reader.Enum<bool>("wasm", kModules, false), ReadSize(reader, "data"), {}};
  if (wasm.data) wasm.seed = ReadSeed(reader, "seed");
  if (wasm.data && *wasm.data > kMaxWasmData) {
    reader.problems().Report(
        "content.size", reader.PositionOf("data"),
        fmt::format("`data` of {} is more than {} MiB", reader.what(), kMaxWasmData >> 20U));
  }
  return wasm;
}

Kind ReadSame(TableReader& reader) {
  return SameBlob{{reader.RequiredString("blob"), reader.PositionOf("blob")}};
}

std::string ReadTarName(TableReader& reader, std::string_view name, bool required) {
  std::string text = required ? reader.RequiredString(name) : reader.String(name);
  if (text.size() > kTarNameBytes) {
    reader.problems().Report("content.tar-entry", reader.PositionOf(name),
                             fmt::format("`{}` of {} has {} bytes, more than the {} of a header",
                                         name, reader.what(), text.size(), kTarNameBytes));
  }
  return text;
}

std::optional<std::uint64_t> ReadTarNumber(TableReader& reader, std::string_view name,
                                           std::uint64_t max) {
  const auto number = reader.OptionalInteger(name, 0, static_cast<std::int64_t>(max));
  if (!number) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

TarBlob::RawEntry ReadRawEntry(const Node& node, const std::string& what, Diagnostics& problems) {
  TableReader reader(node, what, problems);
  TarBlob::RawEntry entry;
  entry.name = ReadTarName(reader, "name", true);
  if (const auto type = reader.OptionalString("type")) {
    if (type->size() == 1) {
      entry.type = type->front();
    } else {
      problems.Report("content.tar-entry", reader.PositionOf("type"),
                      fmt::format("`type` of {} must be one character", what),
                      "0 file, 1 hard link, 2 symbolic link, 3 and 4 devices, 5 directory, 6 fifo");
    }
  }
  entry.linkname = ReadTarName(reader, "linkname", false);
  entry.mode = ReadTarNumber(reader, "mode", kMaxTarMode).value_or(entry.mode);
  entry.size = ReadTarNumber(reader, "size", kMaxTarNumber);
  entry.content = reader.String("content");
  entry.checksum = ReadTarNumber(reader, "checksum", kMaxTarChecksum);
  reader.Finish();
  return entry;
}

Kind ReadTar(TableReader& reader) {
  Diagnostics& problems = reader.problems();
  const std::string what = "`tar` of " + reader.what();
  TableReader tar(*reader.Get("tar"), what, problems);
  TarBlob blob;
  for (const Node::Member& file : tar.Table("files")) {
    if (!IsTarPath(file.name)) {
      problems.Report(
          "content.tar-path", file.at,
          fmt::format("`{}` is no plain relative path that a tar header can hold", file.name),
          "to write a hostile header, use `raw_entries`");
    }
    blob.files.emplace_back(
        file.name, ReadBlob(file.value, fmt::format("file `{}` in {}", file.name, what), problems));
  }
  for (const Node& entry : tar.Array("raw_entries")) {
    blob.raw_entries.push_back(ReadRawEntry(
        entry, fmt::format("raw entry {} of {}", blob.raw_entries.size(), what), problems));
  }
  tar.Finish();
  blob.gzip = reader.Bool("gzip", false);
  return blob;
}

// It has many blobs, and tags.
Kind ReadLayout(TableReader& reader) {
  reader.Get("layout");
  reader.problems().Report("content.misplaced", reader.PositionOf("layout"),
                           fmt::format("a layout is no blob: {}", reader.what()),
                           "write it as repos.\"NAME\" = { layout = \"PATH\" }");
  return TextBlob{};
}

using KindReader = Kind (*)(TableReader&);
constexpr std::array<std::pair<std::string_view, KindReader>, 12> kKinds{{
    {"text", &ReadText},
    {"base64", &ReadBase64},
    {"hex", &ReadHex},
    {"file", &ReadFile},
    {"json", &ReadJson},
    {"random", &ReadRandom},
    {"zeros", &ReadZeros},
    {"layer", &ReadLayer},
    {"tar", &ReadTar},
    {"wasm", &ReadWasm},
    {"blob", &ReadSame},
    {"layout", &ReadLayout},
}};

// What to write instead of a table without any kind of bytes.
std::string SuggestKind(const Node& node) {
  std::vector<std::string_view> kinds;
  for (const auto& [name, read] : kKinds) kinds.push_back(name);
  for (const Node::Member& member : *node.table()) {
    if (const auto closest = ClosestTo(member.name, kinds)) {
      return fmt::format("did you mean `{}`?", *closest);
    }
  }
  return SuggestFrom({}, kinds);
}

}  // namespace

BlobSpec ReadBlob(const Node& node, const std::string& what, Diagnostics& problems) {
  BlobSpec blob{TextBlob{}, node.at()};
  if (const std::string* text = node.string()) {
    blob.kind = TextBlob{*text};
    return blob;
  }
  if (node.table() == nullptr) {
    problems.Report("model.kind", node.at(),
                    fmt::format("{} must be a string or a table, not {}", what, node.KindName()));
    return blob;
  }
  TableReader reader(node, what, problems);
  std::string_view found;
  for (const auto& [name, read] : kKinds) {
    if (!reader.Has(name)) continue;
    if (!found.empty()) {
      problems.Report("content.blob-kind", reader.PositionOf(name),
                      fmt::format("{} has both `{}` and `{}`", what, found, name),
                      "keep the one that says what its bytes are");
      return blob;
    }
    found = name;
    blob.kind = read(reader);
  }
  if (found.empty()) {
    problems.Report("content.blob-kind", node.at(),
                    fmt::format("{} does not say what its bytes are", what), SuggestKind(node));
    return blob;
  }
  reader.Finish();
  return blob;
}

std::optional<std::uint64_t> ReadSize(TableReader& reader, std::string_view name) {
  const Node* value = reader.Get(name);
  if (value == nullptr) return std::nullopt;
  std::optional<std::uint64_t> size;
  if (const std::int64_t* number = value->integer(); number != nullptr && *number >= 0) {
    size = static_cast<std::uint64_t>(*number);
  } else if (const std::string* text = value->string()) {
    if (const Result<std::uint64_t> parsed = ParseSize(*text)) size = *parsed;
  }
  if (size && *size <= kMaxContentBytes) return size;
  reader.problems().Report("content.size", value->at(),
                           size ? fmt::format("`{}` of {} is more than {} GiB", name, reader.what(),
                                              kMaxContentBytes >> 30U)
                                : fmt::format("`{}` of {} is not a size", name, reader.what()),
                           "write a number of bytes, or one with a unit: 64KiB, 1MiB, 10GiB");
  return std::nullopt;
}

std::optional<std::uint64_t> ReadSeed(TableReader& reader, std::string_view name) {
  const Node* value = reader.Get(name);
  if (value == nullptr) return std::nullopt;
  if (const std::uint64_t* number = value->unsigned_integer()) return *number;
  const std::int64_t* number = value->integer();
  if (number == nullptr) {
    reader.ReportKind(*value, name, "an integer");
    return std::nullopt;
  }
  if (*number < 0) {
    reader.problems().Report(
        "model.range", value->at(),
        fmt::format("`{}` of {} is {}, below 0", name, reader.what(), *number));
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(*number);
}

}  // namespace pullproof::mockregistry::content

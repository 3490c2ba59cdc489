#include "oci/headers.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace pullproof::oci {

std::optional<std::string> Headers::Find(std::string_view name) const {
  if (const std::string* value = Peek(name)) return *value;
  return std::nullopt;
}

const std::string* Headers::Peek(std::string_view name) const {
  for (const auto& [line_name, value] : lines_) {
    if (EqualsIgnoreCase(line_name, name)) return &value;
  }
  return nullptr;
}

std::optional<std::string> Headers::Joined(std::string_view name) const {
  std::optional<std::string> joined;
  for (const auto& [line_name, value] : lines_) {
    if (!EqualsIgnoreCase(line_name, name)) continue;
    joined = joined ? *joined + ", " + value : value;
  }
  return joined;
}

std::vector<std::string> Headers::All(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [line_name, value] : lines_) {
    if (EqualsIgnoreCase(line_name, name)) values.push_back(value);
  }
  return values;
}

void Headers::Add(std::string name, std::string value) {
  lines_.emplace_back(std::move(name), std::move(value));
}

void Headers::Set(std::string_view name, std::string value) {
  const auto first = std::ranges::find_if(
      lines_, [&](const Line& line) { return EqualsIgnoreCase(line.first, name); });
  if (first == lines_.end()) {
    Add(std::string(name), std::move(value));
    return;
  }
  first->second = std::move(value);
  lines_.erase(std::remove_if(first + 1, lines_.end(),
                              [&](const Line& line) { return EqualsIgnoreCase(line.first, name); }),
               lines_.end());
}

void Headers::Remove(std::string_view name) {
  std::erase_if(lines_, [&](const Line& line) { return EqualsIgnoreCase(line.first, name); });
}

bool IsSecretHeader(std::string_view name) {
  static constexpr std::array<std::string_view, 4> kSecret = {
      "authorization", "proxy-authorization", "cookie", "set-cookie"};
  return std::ranges::find(kSecret, ToLowerAscii(name)) != kSecret.end();
}

bool IsHeaderValue(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

}  // namespace pullproof::oci

// What a fuzz target says about the code: contracts, not "it does not crash".
#ifndef PULLPROOF_FUZZ_CONTRACT_H_
#define PULLPROOF_FUZZ_CONTRACT_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

// Ends the run, naming the broken contract: the engine keeps the input that broke it.
#define PULLPROOF_CONTRACT(condition)                                                       \
  do {                                                                                      \
    if (!(condition)) {                                                                     \
      std::fprintf(stderr, "%s:%d: broken contract: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                         \
    }                                                                                       \
  } while (false)

namespace pullproof::fuzz {

inline std::string_view AsText(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// The parts before and after the first line "~~": inputs of two parts stay readable and editable.
// Without such a line everything is the second part.
inline std::pair<std::string_view, std::string_view> SplitAtTildes(std::string_view text) {
  constexpr std::string_view kSeparator = "\n~~\n";
  const std::size_t at = text.find(kSeparator);
  if (at == std::string_view::npos) return {{}, text};
  return {text.substr(0, at), text.substr(at + kSeparator.size())};
}

}  // namespace pullproof::fuzz

#endif  // PULLPROOF_FUZZ_CONTRACT_H_

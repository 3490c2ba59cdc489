// Contract: however a stream is cut into pieces, the verifier accepts exactly the promised bytes,
// and the digest is the one that OpenSSL computes in one call.
//
// Input: one byte for the algorithm, one for the sizes of the pieces, then the content.
#include <openssl/evp.h>

#include <array>
#include <string>

#include "base/text.h"
#include "fuzz/contract.h"
#include "oci/digest.h"

using pullproof::oci::Algorithm;
using pullproof::oci::Digest;
using pullproof::oci::Verifier;

namespace {

std::string OneCallHex(Algorithm algorithm, std::string_view bytes) {
  constexpr std::array kFunctions = {EVP_sha256, EVP_sha384, EVP_sha512};
  std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
  unsigned length = 0;
  EVP_Digest(bytes.data(), bytes.size(), value.data(), &length,
             kFunctions[static_cast<std::size_t>(algorithm)](), nullptr);
  return pullproof::HexEncode({reinterpret_cast<const char*>(value.data()), length});
}

// True if the verifier takes all of it. Piece sizes follow from `step`, zero among them.
bool Accepts(Verifier& verifier, std::string_view bytes, std::size_t step) {
  std::size_t piece = step % 7;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::string_view next = bytes.substr(at, piece);
    if (!verifier.Update(next)) return false;
    at += next.size();
    piece = (piece * 5 + step) % 67;
    if (piece == 0 && step % 67 == 0) piece = 1;
  }
  return verifier.Finish().has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = pullproof::fuzz::AsText(data, size);
  if (const auto parsed = Digest::Parse(text)) {
    PULLPROOF_CONTRACT(parsed->ToString() == text);
  }
  if (size < 2) return 0;
  const auto algorithm = static_cast<Algorithm>(data[0] % 3);
  const std::size_t step = data[1];
  const std::string_view content = text.substr(2);

  const Digest digest = Digest::Of(content, algorithm);
  PULLPROOF_CONTRACT(digest.hex() == OneCallHex(algorithm, content));
  PULLPROOF_CONTRACT(Digest::Parse(digest.ToString()) == digest);

  Verifier honest(digest, content.size());
  PULLPROOF_CONTRACT(Accepts(honest, content, step));
  PULLPROOF_CONTRACT(honest.accepted() == content.size());
  honest.Restart();
  PULLPROOF_CONTRACT(Accepts(honest, content, step + 1));

  Verifier longer(digest, content.size());
  PULLPROOF_CONTRACT(!Accepts(longer, std::string(content) + "x", step));
  if (content.empty()) return 0;
  Verifier shorter(digest, content.size());
  PULLPROOF_CONTRACT(!Accepts(shorter, content.substr(1), step));
  Verifier unsized(digest);
  PULLPROOF_CONTRACT(!Accepts(unsized, content.substr(1), step));
  std::string flipped(content);
  flipped[step % flipped.size()] ^= 1;
  Verifier altered(digest, content.size());
  PULLPROOF_CONTRACT(!Accepts(altered, flipped, step));
  return 0;
}

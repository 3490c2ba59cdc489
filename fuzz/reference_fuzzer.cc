// Contract: what parses prints to a text that parses to the same reference, and every part of it
// obeys the grammar that URLs and paths are built from.
#include "fuzz/contract.h"
#include "oci/reference.h"

using pullproof::oci::Digest;
using pullproof::oci::Reference;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = pullproof::fuzz::AsText(data, size);
  const auto reference = Reference::Parse(text);
  if (!reference) {
    PULLPROOF_CONTRACT(!reference.error().id.empty() && !reference.error().message.empty());
    return 0;
  }
  const auto again = Reference::Parse(reference->ToString());
  PULLPROOF_CONTRACT(again.has_value() && *again == *reference);
  PULLPROOF_CONTRACT(pullproof::oci::IsRepositoryName(reference->path()));
  PULLPROOF_CONTRACT(reference->path().find("..") == std::string::npos);
  PULLPROOF_CONTRACT(!reference->domain().empty());
  PULLPROOF_CONTRACT(reference->domain().find_first_of("/@ \t\r\n") == std::string::npos);
  PULLPROOF_CONTRACT(reference->tag().has_value() || reference->digest().has_value());
  PULLPROOF_CONTRACT(!reference->tag() || pullproof::oci::IsTag(*reference->tag()));
  PULLPROOF_CONTRACT(reference->Identifier() ==
                     (reference->digest() ? reference->digest()->ToString() : *reference->tag()));
  const Digest digest = Digest::Of(text);
  const Reference pinned = reference->WithDigest(digest);
  PULLPROOF_CONTRACT(pinned.digest() == digest && pinned.path() == reference->path());
  return 0;
}

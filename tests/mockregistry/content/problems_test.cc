// What `check` says about content: each complaint whole, with its place.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/content/loaded.h"

namespace pullproof::mockregistry::content {
namespace {

struct ProblemCase {
  std::string name;
  std::string toml;      // from line 3 on
  std::string problems;  // everything that is said
};

std::vector<ProblemCase> Problems() {
  return {
      // Names
      {"UnknownLayer", "blobs.layer = \"x\"\nmanifests.m.image.layers = [\"layr\"]\n",
       "case.toml:4:29: error: there is no blob or manifest `layr` [content.unknown-name]\n"
       "  did you mean `layer`?\n"},
      {"UnknownIndexEntry", "manifests.m.index = [ { ref = \"nothing-like-it\" } ]\n",
       "case.toml:3:31: error: there is no blob or manifest `nothing-like-it` "
       "[content.unknown-name]\n"
       "  expected one of: m\n"},
      {"UnknownTagTarget", "manifests.app.index = []\nrepos.r.tags.latest = \"ap\"\n",
       "case.toml:4:23: error: there is no manifest `ap` [content.unknown-name]\n"
       "  did you mean `app`?\n"},
      {"UnknownWithoutAny", "repos.r.blobs = [\"b\"]\n",
       "case.toml:3:18: error: there is no blob `b` [content.unknown-name]\n"
       "  the fixture has none at all\n"},
      {"UnknownInJson", "blobs.a = \"x\"\nblobs.b.json = [ { \"$size\" = \"c\" } ]\n",
       "case.toml:4:30: error: there is no blob or manifest `c` [content.unknown-name]\n"
       "  did you mean `a`?\n"},
      {"UnknownInConfig",
       "manifests.m.image = { layers = [], config = { a.\"$digest\" = \"x\" } }\n",
       "case.toml:3:61: error: there is no blob or manifest `x` [content.unknown-name]\n"
       "  did you mean `m`?\n"},
      {"UnknownReferrers", "referrers.m.lie = [\"x\"]\n",
       "case.toml:3:11: error: there is no manifest `m` [content.unknown-name]\n"
       "  the fixture has none at all\n"
       "case.toml:3:20: error: there is no blob or manifest `x` [content.unknown-name]\n"
       "  the fixture has none at all\n"},
      {"SubjectIsABlob", "blobs.b = \"x\"\nmanifests.m = { index = [], subject = \"b\" }\n",
       "case.toml:4:39: error: `b` is a blob [content.not-a-manifest]\n"
       "  name a manifest here\n"},
      {"ListedBlobIsAManifest", "manifests.m.index = []\nrepos.r.blobs = [\"m\"]\n",
       "case.toml:4:18: error: `m` is a manifest [content.not-a-blob]\n"
       "  name a blob here\n"},
      {"SameNameTwice", "blobs.m = \"x\"\nmanifests.m.index = []\n",
       "case.toml:4:11: error: `m` is a blob and a manifest [content.duplicate-name]\n"
       "  scripts speak of content by name: give every blob and manifest its own\n"},
      {"NameOfAConfig", "blobs.\"m.config\" = \"x\"\nmanifests.m.image.layers = []\n",
       "case.toml:4:11: error: `m.config` is the name of the config that is made for manifest `m` "
       "[content.duplicate-name]\n"
       "  call the other one differently\n"},
      {"NameWithBlank", "blobs.\"a b\" = \"x\"\n",
       "case.toml:3:7: error: `a b` cannot be the name of a blob [content.name]\n"
       "  up to 128 bytes without blanks, back-ticks and control characters\n"},
      // Lies
      {"UnmarkedSize",
       "blobs.b = \"hello\"\nmanifests.m.image.layers = [ { ref = \"b\", size = 4 } ]\n",
       "case.toml:4:38: error: `b` has 5 bytes, not 4 [content.unmarked-lie]\n"
       "  leave it out and it is right; if it is meant to be wrong, give the manifest "
       "lie = { why = \"…\" }\n"},
      {"UnmarkedDigest",
       "blobs.b = \"hello\"\nmanifests.m.index = [ { ref = \"b\", digest = \"x\" } ]\n",
       "case.toml:4:31: error: `b` has the digest "
       "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824, not x "
       "[content.unmarked-lie]\n"
       "  leave it out and it is right; if it is meant to be wrong, give the manifest "
       "lie = { why = \"…\" }\n"},
      {"NeedlessLie", "manifests.m = { index = [], lie = { why = \"no reason\" } }\n",
       "case.toml:3:15: warning: manifest `m` is marked as a lie, and all that it says is true "
       "[content.needless-lie]\n"
       "  take out `lie`, or state what is wrong: `size`, `digest`, `served_at`\n"},
      {"BadServedAt", "manifests.m = { raw = \"\", lie = { served_at = \"md5:00\" } }\n",
       "case.toml:3:47: error: `served_at` of manifest `m`: the digest algorithm `md5` is not "
       "supported [content.served-at]\n"
       "  a manifest is asked for by sha256:, sha384: or sha512: and lower-case digits\n"},
      {"CompressedLayer",
       "blobs.b = { tar = {}, gzip = true }\nmanifests.m.image.layers = [\"b\"]\n",
       "case.toml:4:29: warning: layer `b` is compressed, but its type is that of a plain tar "
       "[content.gzip-type]\n"
       "  state type = \"application/vnd.oci.image.layer.v1.tar+gzip\"\n"},
      // Circles
      {"Cycle",
       "manifests.a.index = [\"b\"]\nmanifests.b.index = [\"c\"]\n"
       "manifests.c.index = [\"b\"]\n",
       "case.toml:4:11: error: content cannot hold its own digest: `b` -> `c` -> `b` "
       "[content.cycle]\n"
       "  a manifest of the circle needs lie = { served_at = \"sha256:…\" }\n"},
      {"CycleOfOne", "blobs.a.json = { \"$digest\" = \"a\" }\n",
       "case.toml:3:7: error: content cannot hold its own digest: `a` -> `a` [content.cycle]\n"
       "  a manifest of the circle needs lie = { served_at = \"sha256:…\" }\n"},
      {"CycleOfBytes",
       "blobs.a.json = { \"$base64\" = \"m\" }\n"
       "manifests.m = { index = [\"a\"], lie = { served_at = \"sha256:" +
           std::string(64, '1') + "\" } }\n",
       "case.toml:3:7: error: content cannot hold its own digest: `a` -> `m` -> `a` "
       "[content.cycle]\n"
       "  a manifest of the circle needs lie = { served_at = \"sha256:…\" }\n"},
      // Blobs
      {"NoKind", "blobs.b = { layr = 1 }\n",
       "case.toml:3:11: error: blob `b` does not say what its bytes are [content.blob-kind]\n"
       "  did you mean `layer`?\n"},
      {"TwoKinds", "blobs.b = { text = \"x\", hex = \"00\" }\n",
       "case.toml:3:31: error: blob `b` has both `text` and `hex` [content.blob-kind]\n"
       "  keep the one that says what its bytes are\n"},
      {"NotABlob", "blobs.b = 3\n",
       "case.toml:3:11: error: blob `b` must be a string or a table, not an integer "
       "[model.kind]\n"},
      {"UnknownMember", "blobs.b = { zeros = 1, sed = 2 }\n",
       "case.toml:3:24: error: blob `b` has an unknown member `sed` [model.unknown-member]\n"
       "  expected one of: zeros\n"},
      {"BadBase64", "blobs.b = { base64 = \"a\" }\n",
       "case.toml:3:22: error: `base64` of blob `b`: not base64: the length is impossible "
       "[content.encoding]\n"},
      {"BadHex", "blobs.b = { hex = \"0g\" }\n",
       "case.toml:3:19: error: `hex` of blob `b`: `0g` is not hexadecimal [content.encoding]\n"},
      {"BadSize", "blobs.b = { zeros = \"64kb\" }\n",
       "case.toml:3:21: error: `zeros` of blob `b` is not a size [content.size]\n"
       "  write a number of bytes, or one with a unit: 64KiB, 1MiB, 10GiB\n"},
      {"NegativeSize", "blobs.b = { random = -1 }\n",
       "case.toml:3:22: error: `random` of blob `b` is not a size [content.size]\n"
       "  write a number of bytes, or one with a unit: 64KiB, 1MiB, 10GiB\n"},
      {"HugeSize", "blobs.b = { zeros = \"129GiB\" }\n",
       "case.toml:3:21: error: `zeros` of blob `b` is more than 128 GiB [content.size]\n"
       "  write a number of bytes, or one with a unit: 64KiB, 1MiB, 10GiB\n"},
      {"HugeFileInTar", "blobs.b = { layer = \"8GiB\" }\n",
       "case.toml:3:11: error: 8589934592 bytes are more than a file in a tar can have "
       "(8589934591) [content.size]\n"
       "  for bigger content that no client has to unpack, use `random`\n"},
      {"NegativeSeed", "blobs.b = { random = 1, seed = -2 }\n",
       "case.toml:3:32: error: `seed` of blob `b` is -2, below 0 [model.range]\n"},
      {"SeedOfWrongKind", "seed = \"7\"\n",
       "case.toml:3:8: error: `seed` of the fixture must be an integer, not a string "
       "[model.kind]\n"},
      {"UnknownWasm", "blobs.b = { wasm = \"empty\" }\n",
       "case.toml:3:20: error: `wasm` of blob `b` cannot be `empty` [model.unknown-value]\n"
       "  expected one of: empty-core, empty-component\n"},
      {"Fraction", "blobs.b = { json = { a = [1, 1.5] } }\n",
       "case.toml:3:30: error: a number with a fraction has no canonical form [content.fraction]\n"
       "  write it as a string, or the whole content as `text` or `raw`\n"},
      {"FractionInConfig", "manifests.m.image = { layers = [], config = { a = 0.5 } }\n",
       "case.toml:3:51: error: a number with a fraction has no canonical form [content.fraction]\n"
       "  write it as a string, or the whole content as `text` or `raw`\n"},
      {"ValueWithCompany", "blobs.b = { json = { \"$digest\" = \"b\", x = 1 } }\n",
       "case.toml:3:22: error: `$digest` must be the only member of its table, and the name of a "
       "blob or manifest [content.value]\n"
       "  {\"$digest\": \"NAME\"}\n"},
      {"ValueMisspelt", "blobs.b = { json = { \"$digset\" = \"b\" } }\n",
       "case.toml:3:22: warning: `$digset` is kept as it is written [content.value]\n"
       "  did you mean `$digest`?\n"},
      {"HostilePathInTar", "blobs.b.tar.files = { \"../x\" = \"1\" }\n",
       "case.toml:3:23: error: `../x` is no plain relative path that a tar header can hold "
       "[content.tar-path]\n"
       "  to write a hostile header, use `raw_entries`\n"},
      {"BadRawEntry", "blobs.b.tar.raw_entries = [ { type = \"55\", mode = -1 } ]\n",
       "case.toml:3:29: error: raw entry 0 of `tar` of blob `b` has no `name` "
       "[model.missing-member]\n"
       "case.toml:3:38: error: `type` of raw entry 0 of `tar` of blob `b` must be one character "
       "[content.tar-entry]\n"
       "  0 file, 1 hard link, 2 symbolic link, 3 and 4 devices, 5 directory, 6 fifo\n"
       "case.toml:3:51: error: `mode` of raw entry 0 of `tar` of blob `b` is -1, outside 0 to "
       "2097151 [model.range]\n"},
      {"LongRawName",
       "blobs.b.tar.raw_entries = [ { name = \"" + std::string(101, 'n') + "\" } ]\n",
       "case.toml:3:38: error: `name` of raw entry 0 of `tar` of blob `b` has 101 bytes, more than "
       "the 100 of a header [content.tar-entry]\n"},
      // Manifests
      {"NoManifestKind", "manifests.m = { layers = [] }\n",
       "case.toml:3:15: error: manifest `m` does not say what it is [content.manifest-kind]\n"
       "  give it `image`, `index`, `raw`, `spin` or `wasm_package`\n"},
      {"TwoManifestKinds", "manifests.m = { index = [], raw = \"x\" }\n",
       "case.toml:3:35: error: manifest `m` has both `index` and `raw` [content.manifest-kind]\n"
       "  one manifest is an image, an index, raw bytes, a Spin application or a package\n"},
      {"LayersMissing", "manifests.m.image = { layer = [] }\n",
       "case.toml:3:21: error: `image` of manifest `m` has no `layers` [model.missing-member]\n"
       "case.toml:3:23: error: `image` of manifest `m` has an unknown member `layer` "
       "[model.unknown-member]\n"
       "  did you mean `layers`?\n"},
      {"LayersNoArray", "manifests.m.image.layers = \"a\"\n",
       "case.toml:3:28: error: every layer of manifest `m` must stand in one array, not a string "
       "[model.kind]\n"},
      {"EntryOfWrongKind", "manifests.m.index = [1]\n",
       "case.toml:3:22: error: entry 0 of manifest `m` must be a name or a table, not an integer "
       "[model.kind]\n"},
      {"BadPlatform", "manifests.m.index = [ { ref = \"m\", platform = \"linux\" } ]\n",
       "case.toml:3:47: error: `platform` of entry 0 of manifest `m`: `linux` is not a platform "
       "[content.platform]\n"
       "  linux/amd64, linux/arm/v7\n"},
      {"BadConfig", "manifests.m.image = { layers = [], config = 1 }\n",
       "case.toml:3:45: error: `config` of `image` of manifest `m` must be a table, or the name of "
       "a blob, not an integer [model.kind]\n"},
      {"TypeThatSplitsTheHeader", "manifests.m = { raw = \"\", type = \"a/b\\r\\nX: y\" }\n",
       "case.toml:3:34: error: `type` of manifest `m` cannot stand in a header [content.type]\n"
       "  to send a broken header, use a rule\n"},
      {"Layout", "blobs.b = { layout = \"dir\" }\n",
       "case.toml:3:22: error: a layout is no blob: blob `b` [content.misplaced]\n"
       "  write it as repos.\"NAME\" = { layout = \"PATH\" }\n"},
      {"Spin", "manifests.m = { spin = {} }\n",
       "case.toml:3:24: error: `spin` of manifest `m` has no `app` [model.missing-member]\n"
       "case.toml:3:24: error: `spin` of manifest `m` has no `components` "
       "[model.missing-member]\n"},
      // Repositories
      {"BadRepository", "repos.Lib = {}\n",
       "case.toml:3:7: error: `Lib` is no repository name [content.repository]\n"
       "  lower-case words with slashes between them: library/app\n"},
      {"BadTag", "manifests.m.index = []\nrepos.r.tags = { \".x\" = \"m\" }\n",
       "case.toml:4:18: error: `.x` of repository `r` is no tag [content.tag]\n"
       "  up to 128 letters, digits, `_`, `.` and `-`, the first no `.` or `-`\n"},
      {"BadTagRange", "manifests.m.index = []\nrepos.r.tags = { \"v[9..1]\" = \"m\" }\n",
       "case.toml:4:18: error: `v[9..1]` of repository `r` is no range of tags "
       "[content.tag-range]\n"
       "  v[000..024] is v000, v001 … v024\n"},
      {"BadTagInRange", "manifests.m.index = []\nrepos.r.tags = { \"-[1..3]\" = \"m\" }\n",
       "case.toml:4:18: error: `-1` of repository `r` is no tag [content.tag]\n"
       "  up to 128 letters, digits, `_`, `.` and `-`, the first no `.` or `-`\n"},
      {"TooManyTags", "manifests.m.index = []\nrepos.r.tags = { \"v[0..100000]\" = \"m\" }\n",
       "case.toml:4:18: error: `v[0..100000]` of repository `r` is more than 100000 tags "
       "[content.too-many]\n"},
      {"TagTwice", "manifests.m.index = []\nrepos.r.tags = { \"v[1..3]\" = \"m\", v2 = \"m\" }\n",
       "case.toml:4:40: error: tag `v2` of repository `r` is given twice [content.duplicate-tag]\n"
       "  a range of tags counts as all of its tags\n"},
      {"TagToATable", "repos.r.tags = { v = {} }\n",
       "case.toml:3:22: error: tag `v` of repository `r` must name a manifest, not be a table "
       "[model.kind]\n"},
      {"BadReferrers", "manifests.m.index = []\nreferrers.m = \"x\"\n",
       "case.toml:4:15: error: referrers of manifest `m` must be an array of names, or a table "
       "with "
       "a `lie`, not a string [model.kind]\n"},
      // The top
      {"BadTwin", "twin = \"Not an id\"\n",
       "case.toml:3:8: error: `twin` cannot be `Not an id` [content.id]\n"
       "  lower-case words and digits with dots and hyphens between them: "
       "pull.blob.digest-mismatch\n"},
      {"UnknownTop", "blob = {}\n",
       "case.toml:3:1: error: the fixture has an unknown member `blob` [model.unknown-member]\n"
       "  did you mean `blobs`?\n"},
      {"UnknownLevel", "level = \"must\"\n",
       "case.toml:3:9: error: `level` of the fixture cannot be `must` [model.unknown-value]\n"
       "  expected one of: MUST, SHOULD, INFO\n"},
      {"BadLimit", "limits = { max_page = 0 }\n",
       "case.toml:3:23: error: `max_page` of `limits` is 0, outside 1 to 100000 [model.range]\n"},
  };
}

class EveryProblem : public testing::TestWithParam<ProblemCase> {};

TEST_P(EveryProblem, IsSaidWithItsPlace) {
  const Loaded loaded = Load(GetParam().toml);
  EXPECT_EQ(loaded.problems, GetParam().problems);
  const bool has_error = loaded.problems.find(": error: ") != std::string::npos;
  EXPECT_EQ(loaded.content.has_value(), !has_error);
}

INSTANTIATE_TEST_SUITE_P(Problems, EveryProblem, testing::ValuesIn(Problems()),
                         [](const auto& test) { return test.param.name; });

TEST(Problems, TooManyBlobsAreRefused) {
  std::string toml = "[blobs]\n";
  for (std::size_t i = 0; i <= kMaxBlobs; ++i) toml += "b" + std::to_string(i) + " = \"\"\n";
  const Loaded loaded = Load(toml);
  EXPECT_EQ(loaded.problems,
            "case.toml:3:1: error: `blobs` has 10001 members, more than 10000 "
            "[content.too-many]\n");
}

// Refused before any of it is read.
TEST(Problems, InlinedContentIsBounded) {
  EXPECT_EQ(Load("blobs.zeros = { zeros = \"129MiB\" }\n"
                 "blobs.lock.json = [ { \"$base64\" = \"zeros\" }, { \"$base64\" = \"zeros\" } ]\n")
                .problems,
            "case.toml:4:60: error: the fixture holds more than 256 MiB in memory [content.size]\n"
            "  big content that need not be anything in particular is `random` or `zeros`\n");
}

TEST(Problems, ManyNamesAreNotListed) {
  std::string toml = "repos.r.manifests = [\"zzz\"]\n[manifests]\n";
  for (int i = 0; i < 20; ++i) toml += "m" + std::to_string(i) + ".index = []\n";
  EXPECT_EQ(Load(toml).problems,
            "case.toml:3:22: error: there is no manifest `zzz` [content.unknown-name]\n");
}

TEST(Problems, ReferrersAreBounded) {
  std::string toml = "blobs.b = \"\"\nmanifests.m = { index = [], annotations = { a = \"" +
                     std::string(1 << 20, 'x') + "\" } }\nreferrers.m.lie = [";
  for (int i = 0; i < 300; ++i) toml += "\"m\",";
  EXPECT_THAT(
      Load(toml + "]\n").problems,
      testing::HasSubstr(
          "the annotations in the lists of referrers take more than 256 MiB [content.size]"));
}

TEST(Problems, AFailingFileSystemIsReported) {
  const Loaded loaded =
      Load("blobs.a = { file = \"none\" }\nblobs.b = { file = \"nothing\" }\n", "/nonexistent");
  EXPECT_EQ(loaded.problems,
            "case.toml:3:11: error: file `none`: cannot stat: No such file or directory "
            "[content.file]\n"
            "case.toml:4:11: error: file `nothing`: cannot stat: No such file or directory "
            "[content.file]\n");
}

}  // namespace
}  // namespace pullproof::mockregistry::content

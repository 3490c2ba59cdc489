#include "resolver/edit/add_component.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::resolver::edit {
namespace {

using ::testing::HasSubstr;

const Addition kAddition{"site", {{"reference", "r.test/a:1@sha256:00"}, {"id", "web"}}};
const std::string kTable =
    "[component.site]\nsource = { reference = \"r.test/a:1@sha256:00\", id = \"web\" }\n";

struct Row {
  const char* name;
  std::string before;  // the file is before + after
  std::string put_in;
  std::string after;
};
class AddComponentTest : public ::testing::TestWithParam<Row> {};

TEST_P(AddComponentTest, PutsOneTableInAndNothingElse) {
  const Row& row = GetParam();
  const auto edited = AddComponent(row.before + row.after, "spin.toml", kAddition);
  ASSERT_TRUE(edited.has_value()) << Describe(edited.error());
  EXPECT_EQ(*edited, row.before + row.put_in + row.after);
}

INSTANTIATE_TEST_SUITE_P(
    Table, AddComponentTest,
    ::testing::Values(
        Row{"NoComponents", "a = 1\n", "\n" + kTable, ""}, Row{"EmptyFile", "", kTable, ""},
        Row{"NoLineFeedAtTheEnd", "[component.a]\nsource = 'a'", "\n\n" + kTable, ""},
        Row{"BehindTheLastComponent", "[component.a]\nsource = 'a'\n", "\n" + kTable,
            "\n# The variables.\n[variables]\nx = { default = '' }\n"},
        Row{"BehindItsSubtables",
            "[component.a]\nsource = 'a'\n[component.a.build]\ncommand = \"\"\"\n# no "
            "comment\n\n\"\"\"\n",
            "\n" + kTable, "\n\n[[trigger.http]]\nroute = '/...' # all\ncomponent = 'a'\n"},
        Row{"BehindALongList", "[component.a]\nsource = 'a'\nfiles = [\n  'b', # one\n  'c',\n]\n",
            "\n" + kTable, "   # leads up\n[variables]\n"},
        Row{"BehindTheLastOfScatteredOnes",
            "[component.a]\nsource = 'a'\n[variables]\n[component.b]\nsource = 'b'\n",
            "\n" + kTable, "\n[application]\nname = 'x'\n"},
        Row{"CommentsAtTheEnd", "[component.a]\nsource = 'a'\n# the end\n", "\n" + kTable, ""},
        Row{"NoBlankBetween", "[component.a]\nsource = 'a'\n", "\n" + kTable + "\n",
            "[variables]\n"},
        Row{"TriggersOfAListThatFollow", "[component.a]\nsource = 'a'\n", "\n" + kTable,
            "\n[[trigger.http]]\nroute = '/a'\n[[trigger.http]]\nroute = '/b'\n"}),
    [](const auto& row) { return row.param.name; });

TEST(AddComponent, KeepsTheFilesLineEnds) {
  const auto edited =
      AddComponent("[component.a]\r\nsource = 'a'\r\n\r\n[variables]\r\n", "spin.toml", kAddition);
  ASSERT_TRUE(edited.has_value());
  EXPECT_EQ(*edited,
            "[component.a]\r\nsource = 'a'\r\n\r\n[component.site]\r\nsource = { reference = "
            "\"r.test/a:1@sha256:00\", id = \"web\" }\r\n\r\n[variables]\r\n");
}

TEST(AddComponent, WhatComesFromOutsideIsQuoted) {
  const Addition addition{"a", {{"reference", "x\"\n[evil]\x7f"}}};
  const auto edited = AddComponent("", "spin.toml", addition);
  ASSERT_TRUE(edited.has_value());
  EXPECT_EQ(*edited, "[component.a]\nsource = { reference = \"x\\\"\\n[evil]\\u007f\" }\n");
}

TEST(AddComponent, IsRefusedWhereThereIsOne) {
  const auto edited =
      AddComponent("x = 1\n[component.site]\nsource = 'a'\n", "spin.toml", kAddition);
  ASSERT_FALSE(edited.has_value());
  EXPECT_EQ(edited.error().id, "edit.exists");
  EXPECT_THAT(edited.error().where, HasSubstr("spin.toml:2:"));
}

TEST(AddComponent, IsRefusedWhereNoTableFits) {
  for (const char* text : {"component = { a = { source = 'a' } }\n", "component = 1\n"}) {
    const auto edited = AddComponent(text, "spin.toml", kAddition);
    ASSERT_FALSE(edited.has_value()) << text;
    EXPECT_EQ(edited.error().id, "edit.no-place");
    EXPECT_THAT(edited.error().hint, HasSubstr(kTable));
  }
}

TEST(AddComponent, IsRefusedWhereTheFileIsNoToml) {
  EXPECT_EQ(AddComponent("a =\n", "spin.toml", kAddition).error().id, "toml.syntax");
}

}  // namespace
}  // namespace pullproof::resolver::edit

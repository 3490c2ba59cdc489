#include <string>

#include <gtest/gtest.h>

#include "resolver/lock/locked_app.h"

namespace pullproof::resolver::lock {
namespace {

LockedApp Sample() {
  LockedApp app;
  app.metadata = *ParseJson(R"({"triggers":{},"name":"x","authors":["b","a"]})", "t")->table();
  app.variables["secret_one"] = {"", std::nullopt, true};
  app.variables["name"] = {"who", "world", false};
  app.triggers.push_back({"t", "http", *ParseJson(R"({"route":"/","component":"c"})", "t")});
  LockedComponent component;
  component.id = "c";
  component.metadata =
      *ParseJson(R"({"description":"d","build":{"command":"make"}})", "t")->table();
  component.source = {"application/wasm", {"file:///a.wasm", std::nullopt, std::nullopt}};
  component.environment = {{"B", "2"}, {"A", "1"}};
  component.files.push_back({"tiny", {std::nullopt, "hi", oci::Digest::Of("hi")}});
  component.files.push_back({"empty", {std::nullopt, "", std::nullopt}});
  component.config = {{"k", "{{ name }}"}};
  app.components.push_back(component);
  return app;
}

TEST(WriteLockTest, GivesSpinsBytes) {
  EXPECT_EQ(*WriteLock(Sample()), R"({
  "spin_lock_version": 0,
  "metadata": {
    "authors": [
      "b",
      "a"
    ],
    "name": "x",
    "triggers": {}
  },
  "variables": {
    "name": {
      "description": "who",
      "default": "world"
    },
    "secret_one": {
      "secret": true
    }
  },
  "triggers": [
    {
      "id": "t",
      "trigger_type": "http",
      "trigger_config": {
        "component": "c",
        "route": "/"
      }
    }
  ],
  "components": [
    {
      "id": "c",
      "metadata": {
        "build": {
          "command": "make"
        },
        "description": "d"
      },
      "source": {
        "content_type": "application/wasm",
        "source": "file:///a.wasm"
      },
      "env": {
        "A": "1",
        "B": "2"
      },
      "files": [
        {
          "inline": "aGk",
          "digest": "sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
          "path": "tiny"
        },
        {
          "inline": "",
          "path": "empty"
        }
      ],
      "config": {
        "k": "{{ name }}"
      }
    }
  ]
})");
}

TEST(WriteLockTest, ARequiredFeatureRaisesTheVersion) {
  LockedApp app;
  LockedComponent component;
  component.id = "c";
  component.source.content_type = "application/wasm";
  component.source.content.source = "file:///a.wasm";
  component.host_requirements = {"local_service_chaining"};
  app.components.push_back(component);
  EXPECT_EQ(
      *WriteLock(app, Style::kCompact),
      R"({"spin_lock_version":1,"must_understand":["component_host_requirements"],"triggers":[],)"
      R"("components":[{"id":"c","source":{"content_type":"application/wasm","source":"file:///a.wasm"},)"
      R"("host_requirements":{"local_service_chaining":"required"}}]})");
}

TEST(WriteLockTest, DependenciesAreWrittenAsSpinWritesThem) {
  LockedApp app;
  LockedComponent component;
  component.id = "c";
  component.source.content_type = "w";
  component.source.content.source = "file:///a.wasm";
  const LockedSource source{"w", {"file:///d.wasm", std::nullopt, std::nullopt}};
  component.dependencies = {{"b:all", {source, "e", {true, {}}}},
                            {"a:none", {source, std::nullopt, {}}},
                            {"c:some", {source, std::nullopt, {false, {"files"}}}}};
  component.trigger_dependencies["middleware"] = {{source, std::nullopt, {}}};
  app.components.push_back(component);
  const std::string text = *WriteLock(app, Style::kCompact);
  EXPECT_EQ(text,
            R"({"spin_lock_version":0,"triggers":[],"components":[{"id":"c",)"
            R"("source":{"content_type":"w","source":"file:///a.wasm"},"dependencies":{)"
            R"("a:none":{"source":{"content_type":"w","source":"file:///d.wasm"},"export":null},)"
            R"("b:all":{"source":{"content_type":"w","source":"file:///d.wasm"},"export":"e",)"
            R"("inherit":"All"},)"
            R"("c:some":{"source":{"content_type":"w","source":"file:///d.wasm"},"export":null,)"
            R"("inherit":{"Some":["files"]}}},"trigger_dependencies":{"middleware":[)"
            R"({"source":{"content_type":"w","source":"file:///d.wasm"},"export":null}]}}]})");
  const auto read = ReadLock(text, "lock");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*WriteLock(*read, Style::kCompact), text);
}

TEST(WriteLockTest, WhatIsWrittenReadsBackEqual) {
  const std::string text = *WriteLock(Sample());
  const auto read = ReadLock(text, "lock");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*WriteLock(*read), text);
}

}  // namespace
}  // namespace pullproof::resolver::lock

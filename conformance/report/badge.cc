#include <cmath>
#include <sstream>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "base/text.h"
#include "conformance/report/matrix.h"

namespace pullproof::conformance::report {
namespace {

constexpr int kHeight = 20;
constexpr int kMargin = 6;
// Verdana at 11 pixels is about that wide on average; textLength makes it exact everywhere.
constexpr double kCharacterWidth = 6.6;

int WidthOf(std::string_view text) {
  return static_cast<int>(std::lround(kCharacterWidth * static_cast<double>(text.size())));
}

template <typename T>
void Set(pugi::xml_node node, const char* name, const T& value) {
  node.append_attribute(name).set_value(value);
}

void AddBox(pugi::xml_node svg, int x, int width, const char* colour) {
  pugi::xml_node box = svg.append_child("rect");
  Set(box, "x", x);
  Set(box, "width", width);
  Set(box, "height", kHeight);
  Set(box, "fill", colour);
}

void AddText(pugi::xml_node svg, int x, std::string_view text) {
  constexpr int kBaseline = 14;
  pugi::xml_node node = svg.append_child("text");
  Set(node, "x", x + kMargin);
  Set(node, "y", kBaseline);
  Set(node, "textLength", WidthOf(text));
  node.append_child(pugi::node_pcdata).set_value(std::string(text).c_str());
}

// Darker shades, on which white text has a contrast of at least 4.5 to 1 (WCAG 2.1, AA).
const char* ColourOf(const Summary& summary) {
  switch (ExitStatus(summary)) {
    case 0:
      return "#2a7a2a";
    case 1:
      return "#b32424";
    default:
      return "#6a3a8a";
  }
}

}  // namespace

std::string RenderBadge(const Run& run) {
  constexpr std::string_view kLabel = "pullproof";
  const std::string value = ScoreOf(run).Text();
  const std::string title =
      Printable(fmt::format("{}: {} {}", kLabel, ClientOf(run.header), value));
  const int label_width = WidthOf(kLabel) + 2 * kMargin;
  const int value_width = WidthOf(value) + 2 * kMargin;

  pugi::xml_document document;
  pugi::xml_node svg = document.append_child("svg");
  Set(svg, "xmlns", "http://www.w3.org/2000/svg");
  Set(svg, "width", label_width + value_width);
  Set(svg, "height", kHeight);
  Set(svg, "role", "img");
  Set(svg, "aria-label", title.c_str());
  svg.append_child("title").append_child(pugi::node_pcdata).set_value(title.c_str());
  AddBox(svg, 0, label_width, "#444");
  AddBox(svg, label_width, value_width, ColourOf(run.summary));
  pugi::xml_node words = svg.append_child("g");
  Set(words, "fill", "#fff");
  Set(words, "font-family", "Verdana,DejaVu Sans,sans-serif");
  Set(words, "font-size", 11);
  AddText(words, 0, kLabel);
  AddText(words, label_width, value);
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default | pugi::format_no_declaration, pugi::encoding_utf8);
  return std::move(out).str();
}

}  // namespace pullproof::conformance::report

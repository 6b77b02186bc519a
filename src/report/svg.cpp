// SPDX-License-Identifier: Apache-2.0
#include "report/svg.h"

#include "pocketstyle/core/markup.h"

namespace pocketstyle::report {

Svg::Svg(double width, double height, std::string_view label)
    : out_(fmt::format(R"(<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">)", width, height,
                       escape_xml(label))) {}

void Svg::line(std::string_view css_class, double x1, double y1, double x2, double y2) {
  element("line", css_class, R"(x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}")", x1, y1, x2, y2);
}

void Svg::text(std::string_view css_class, double x, double y, std::string_view anchor, std::string_view text) {
  out_ += fmt::format(R"(<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>)", css_class, x, y, anchor,
                      escape_xml(text));
}

void Svg::begin(std::string_view css_class, std::string_view title) {
  out_ += fmt::format(R"(<g class="{}"><title>{}</title>)", css_class, escape_xml(title));
}

}  // namespace pocketstyle::report

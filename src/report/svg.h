// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/fmt/fmt.h>

#include <string>
#include <string_view>

namespace pocketstyle::report {

/// Builds one inline SVG picture. Colours come from the page's style sheet by class.
class Svg {
 public:
  /// `label`: alternative text.
  Svg(double width, double height, std::string_view label);

  /// An element without content; attributes as in `x1="3" y1="4"`, the class is separate.
  template <class... Args>
  void element(std::string_view name, std::string_view css_class, fmt::format_string<Args...> attributes,
               Args&&... args) {
    out_ += fmt::format("<{} class=\"{}\" {}/>", name, css_class, fmt::format(attributes, std::forward<Args>(args)...));
  }
  void line(std::string_view css_class, double x1, double y1, double x2, double y2);
  /// `anchor`: "start", "middle" or "end".
  void text(std::string_view css_class, double x, double y, std::string_view anchor, std::string_view text);
  /// Groups everything until end() under a name, which is shown as a tooltip.
  void begin(std::string_view css_class, std::string_view title);
  void end() { out_ += "</g>"; }
  [[nodiscard]] std::string finish() && { return std::move(out_) + "</svg>"; }

 private:
  std::string out_;
};

}  // namespace pocketstyle::report

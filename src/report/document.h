// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/grid.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pocketstyle::report {

struct Paragraph {
  std::string text;
};
struct Bullets {
  std::vector<std::string> items;
};
/// Only HTML shows figures.
struct Figure {
  std::string svg, caption;
};
/// Figures that may be shown side by side.
struct Figures {
  std::vector<Figure> figures;
};
/// The place of the photos and the networks' outputs; only HTML shows them.
struct Gallery {};

using Block = std::variant<Paragraph, Bullets, Grid, Figures, Gallery>;

struct Section {
  std::string id;  ///< for links within the page: "size"
  std::string heading;
  std::vector<Block> blocks;
};

/// The content of a report, independent of the output format.
struct Document {
  std::string title, subtitle;  ///< may be empty
  std::vector<Section> sections;
};

std::string to_text(const Document& document);
std::string to_markdown(const Document& document);

}  // namespace pocketstyle::report

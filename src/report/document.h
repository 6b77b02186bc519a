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
/// Figures that may stand side by side.
struct Figures {
  std::vector<Figure> figures;
};
/// Where the photos and what the networks make of them stand; only HTML shows them.
struct Gallery {};

using Block = std::variant<Paragraph, Bullets, Grid, Figures, Gallery>;

struct Section {
  std::string id;  ///< of links within the page: "size"
  std::string heading;
  std::vector<Block> blocks;
};

/// A report as it is read, whatever it is written as.
struct Document {
  std::string title, subtitle;  ///< may be empty
  std::vector<Section> sections;
};

std::string to_text(const Document& document);
std::string to_markdown(const Document& document);

}  // namespace pocketstyle::report

// SPDX-License-Identifier: Apache-2.0
#include "report/grid.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>

namespace pocketstyle::report {

std::string Grid::to_text() const {
  std::vector<std::size_t> widths(head.size());
  for (std::size_t c = 0; c < head.size(); ++c) {
    widths[c] = head[c].size();
    for (const auto& row : rows) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c)
      text += left.contains(c) ? fmt::format("{:<{}}  ", cells[c], widths[c])
                               : fmt::format("{:>{}}  ", cells[c], widths[c]);
    out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  };
  line(head);
  for (const auto& row : rows) line(row);
  return out;
}

std::string Grid::to_markdown() const {
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    out += fmt::format("| {} |\n", fmt::join(cells, " | "));
  };
  line(head);
  out += "|";
  for (std::size_t c = 0; c < head.size(); ++c) out += left.contains(c) ? "---|" : "---:|";
  out += "\n";
  for (const auto& row : rows) line(row);
  return out;
}

}  // namespace pocketstyle::report

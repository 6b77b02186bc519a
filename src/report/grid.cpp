// SPDX-License-Identifier: Apache-2.0
#include "report/grid.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace pocketstyle::report {
namespace {

/// Counts characters, not bytes: names may contain any.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// The head and the rows as text.
std::vector<std::vector<std::string>> lines_of(const Grid& grid) {
  std::vector<std::vector<std::string>> lines = {grid.head};
  for (const auto& row : grid.rows) {
    lines.emplace_back();
    for (const Cell& cell : row) lines.back().push_back(to_text(cell));
  }
  return lines;
}

}  // namespace

std::string Grid::to_text() const {
  const auto shown = lines_of(*this);
  std::vector<std::size_t> widths(head.size());
  for (const auto& row : shown)
    for (std::size_t c = 0; c < head.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  std::string out = caption.empty() ? "" : caption + "\n";
  for (const auto& cells : shown) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::string space(widths[c] - width_of(cells[c]), ' ');
      text += (left.contains(c) ? cells[c] + space : space + cells[c]) + "  ";
    }
    out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

std::string Grid::to_markdown() const {
  std::string out = caption.empty() ? "" : fmt::format("**{}**\n\n", escape_markdown(caption));
  const auto shown = lines_of(*this);
  for (const auto& cells : shown) {
    out += "|";
    for (const std::string& cell : cells) out += " " + escape_markdown(cell) + " |";
    out += "\n";
    if (&cells != &shown.front()) continue;
    out += "|";
    for (std::size_t c = 0; c < head.size(); ++c) out += left.contains(c) ? "---|" : "---:|";
    out += "\n";
  }
  return out;
}

std::string escape_markdown(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '\n' || c == '\r')
      out += ' ';
    else if (c == '|' || c == '`')
      out += {'\\', c};
    else
      out += c;
  }
  return out;
}

}  // namespace pocketstyle::report

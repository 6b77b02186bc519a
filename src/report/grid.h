// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/cell.h"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::report {

/// A table: one definition for text, Markdown and HTML. Columns in `left` are left-aligned, numbers right-aligned.
struct Grid {
  std::vector<std::string> head;
  std::set<std::size_t> left;
  std::vector<std::vector<Cell>> rows;
  std::string caption = {};

  [[nodiscard]] std::string to_text() const;
  [[nodiscard]] std::string to_markdown() const;
};

/// Text that Markdown shows literally: no tags, no new cells, one line.
std::string escape_markdown(std::string_view text);

}  // namespace pocketstyle::report

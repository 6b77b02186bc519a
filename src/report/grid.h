// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace pocketstyle::report {

/// A table of text. Columns in `left` are set to the left, numbers to the right.
struct Grid {
  std::vector<std::string> head;
  std::set<std::size_t> left;
  std::vector<std::vector<std::string>> rows;

  [[nodiscard]] std::string to_text() const;
  [[nodiscard]] std::string to_markdown() const;
};

}  // namespace pocketstyle::report

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/nearest_name.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace pocketstyle {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t cost = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j + 1] + 1, row[j] + 1, cost});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
  constexpr std::size_t kMostEdits = 2;
  std::size_t least = kMostEdits + 1;
  std::string nearest;
  for (const std::string& candidate : known) {
    const std::size_t edits = edit_distance(name, candidate);
    if (edits >= least || edits >= candidate.size()) continue;
    least = edits;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace pocketstyle

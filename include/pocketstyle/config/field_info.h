// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

namespace pocketstyle::config {

/// Whether a field may change when a run is resumed. It must keep its value wherever the weights would otherwise differ
/// from those of an uninterrupted run. For a path the file's content must be the same; its location may change.
enum class Resume {
  must_match,
  may_change,
  may_end,       ///< must match, or be 0 from now on
  photos_a_step  ///< train.batch x train.accumulate x number of processes must match
};

/// A field's description, given where the field is declared. Help, validation, the commented dump and the rules for
/// resumed runs and for several processes all follow from it; the default is the struct's own initialiser. `min` and
/// `max` (inclusive) bound every number in the field. For a path, `choices` are words that are not paths.
struct FieldInfo {
  std::string_view help;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string_view> choices = {};
  std::size_t length = 0;  ///< required number of list elements; 0: any
  Resume resume = Resume::must_match;
  bool per_process = false;  ///< may differ between the processes that train one network together
};

inline constexpr double kMany = 1e12;  ///< an upper bound that is only a sanity limit

}  // namespace pocketstyle::config

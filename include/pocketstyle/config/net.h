// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"
#include "pocketstyle/config/field_info.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pocketstyle::config {

/// The network: a preset, with any numbers that are set overriding the preset's.
struct NetConfig {
  std::string preset = "bottleneck";
  std::optional<std::int64_t> kernel;
  std::optional<std::vector<std::int64_t>> widths;
  std::optional<std::string> block;
  std::optional<std::int64_t> blocks;
  std::optional<std::int64_t> mid;

  template <class V>
  void visit(V& v) {
    v.field("preset", preset,
            {.help = "network preset; any of the keys below overrides its value", .choices = preset_names()});
    v.field("kernel", kernel, {.help = "kernel size of the first and last convolution, odd", .min = 1, .max = 31});
    v.field("widths", widths,
            {.help = "channels at full, half and quarter resolution; 0 first: no layers at full resolution",
             .min = 0,
             .max = 4096,
             .length = 3});
    v.field("block", block, {.help = "type of residual block", .choices = block_kind_names()});
    v.field("blocks", blocks, {.help = "number of residual blocks", .min = 0, .max = 100});
    v.field("mid", mid, {.help = "inner channels of a bottleneck or separable block", .min = 1, .max = 4096});
  }
  /// The preset with its overrides applied. Throws UsageError (even kernel, unknown preset).
  [[nodiscard]] Architecture architecture() const;
};

}  // namespace pocketstyle::config

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::config {

enum class BlockKind { residual, bottleneck, separable };
/// The names of all block kinds.
std::vector<std::string_view> block_kind_names();
std::string_view to_string(BlockKind kind);
/// Throws UsageError listing the names if the kind is unknown.
BlockKind block_kind_from_string(std::string_view name);
/// Whether blocks of this kind have `mid` channels inside.
bool uses_mid(BlockKind kind);

/// A style network's hyperparameters; network/layers.h lists its layers. All networks have reflection-padded
/// convolutions, instance norm and ReLU: head (kernel, stride 1), two 3x3 stride-2 convolutions, `blocks` residual
/// blocks, two nearest-x2 + 3x3 convolutions, linear tail (kernel, bias). Johnson et al. 2016; bottleneck blocks: Pei
/// et al. 2020. Without layers at full size (widths[0] is 0) the head has stride 2 and takes the place of the first 3x3
/// convolution, and the tail doubles (3x3, bias).
struct Architecture {
  std::int64_t kernel = 9;                          ///< kernel of the head and of a tail that does not double, odd
  std::array<std::int64_t, 3> widths{32, 64, 128};  ///< channels at full, half and quarter resolution; see full_size()
  BlockKind block = BlockKind::bottleneck;          ///< see network/layers.h
  std::int64_t blocks = 5;                          ///< residual blocks in the trunk, 0 or more
  std::int64_t mid = 64;                            ///< channels inside a block, see uses_mid

  /// Whether there are layers at the picture's full size, besides the result.
  [[nodiscard]] bool full_size() const { return widths[0] > 0; }

  bool operator==(const Architecture&) const = default;
};

struct Preset {
  std::string_view name;
  std::string_view help;
  Architecture architecture;
};

/// original, bottleneck (the paper's), slim, mini, micro, pocket.
std::span<const Preset> presets();
std::vector<std::string_view> preset_names();
/// Throws UsageError listing the names if the preset is unknown.
const Preset& find_preset(std::string_view name);
/// The name of the preset with exactly these numbers, or "custom".
std::string preset_name(const Architecture& architecture);
/// "original" or "custom k9 32-64-128 bottleneck x5 mid 64".
std::string describe(const Architecture& architecture);
/// Throws UsageError for the first number that is out of range.
void check(const Architecture& architecture);

}  // namespace pocketstyle::config

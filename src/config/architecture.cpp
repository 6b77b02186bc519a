// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/config/architecture.h"

#include "pocketstyle/core/error.h"

#include <algorithm>

namespace pocketstyle::config {
namespace {

constexpr std::array kPresets = {
    Preset{"original",
           "Johnson et al. 2016: residual blocks of two 3x3 convolutions",
           {9, {32, 64, 128}, BlockKind::residual, 5, 0}},
    Preset{"bottleneck",
           "Pei et al. 2020: the original with bottleneck blocks",
           {9, {32, 64, 128}, BlockKind::bottleneck, 5, 64}},
    Preset{"slim",
           "half the channels at full and half size, 5x5 head and tail",
           {5, {16, 32, 128}, BlockKind::bottleneck, 5, 64}},
    Preset{"mini", "three quarters of slim", {5, {12, 24, 96}, BlockKind::bottleneck, 5, 48}},
    Preset{"micro", "half of slim's trunk and ends", {5, {8, 32, 64}, BlockKind::bottleneck, 5, 32}},
    Preset{"pocket", "micro without layers at full size", {7, {0, 32, 64}, BlockKind::bottleneck, 5, 32}},
};

struct BlockKindRow {
  BlockKind kind;
  std::string_view name;
  bool uses_mid;
};
constexpr std::array kBlockKinds = {
    BlockKindRow{BlockKind::residual, "residual", false},
    BlockKindRow{BlockKind::bottleneck, "bottleneck", true},
    BlockKindRow{BlockKind::separable, "separable", true},
};

const BlockKindRow& row_of(BlockKind kind) {
  return *std::find_if(kBlockKinds.begin(), kBlockKinds.end(), [&](const auto& row) { return row.kind == kind; });
}

}  // namespace

std::vector<std::string_view> block_kind_names() {
  std::vector<std::string_view> names;
  for (const BlockKindRow& row : kBlockKinds) names.push_back(row.name);
  return names;
}

std::string_view to_string(BlockKind kind) {
  return row_of(kind).name;
}

BlockKind block_kind_from_string(std::string_view name) {
  for (const BlockKindRow& row : kBlockKinds)
    if (row.name == name) return row.kind;
  throw UsageError("block kind '{}': expected one of {}", name, fmt::join(block_kind_names(), ", "));
}

bool uses_mid(BlockKind kind) {
  return row_of(kind).uses_mid;
}

std::span<const Preset> presets() {
  return kPresets;
}

const Preset& find_preset(std::string_view name) {
  for (const Preset& preset : kPresets)
    if (preset.name == name) return preset;
  throw UsageError("preset '{}': expected one of {}", name, fmt::join(preset_names(), ", "));
}

std::vector<std::string_view> preset_names() {
  std::vector<std::string_view> names;
  for (const Preset& preset : kPresets) names.push_back(preset.name);
  return names;
}

std::string preset_name(const Architecture& architecture) {
  Architecture wanted = architecture;
  if (!uses_mid(wanted.block)) wanted.mid = 0;
  for (const Preset& preset : kPresets)
    if (preset.architecture == wanted) return std::string(preset.name);
  return "custom";
}

std::string describe(const Architecture& architecture) {
  std::string name = preset_name(architecture);
  if (name != "custom") return name;
  return fmt::format("custom k{} {}-{}-{} {} x{}{}", architecture.kernel, architecture.widths[0],
                     architecture.widths[1], architecture.widths[2], to_string(architecture.block), architecture.blocks,
                     uses_mid(architecture.block) ? fmt::format(" mid {}", architecture.mid) : "");
}

void check(const Architecture& architecture) {
  if (architecture.kernel < 1 || architecture.kernel > 31 || architecture.kernel % 2 == 0)
    throw UsageError("net.kernel: expected an odd number from 1 to 31, found {}", architecture.kernel);
  int least = 0;  // of the first, see full_size()
  for (const auto width : architecture.widths) {
    if (width < least || width > 4096) throw UsageError("net.widths: expected {} to 4096, found {}", least, width);
    least = 1;
  }
  if (architecture.blocks < 0 || architecture.blocks > 100)
    throw UsageError("net.blocks: expected 0 to 100, found {}", architecture.blocks);
  if (uses_mid(architecture.block) && (architecture.mid < 1 || architecture.mid > 4096))
    throw UsageError("net.mid: expected 1 to 4096, found {}", architecture.mid);
}

}  // namespace pocketstyle::config

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

// Facts about VGG-16 that do not need LibTorch.
namespace pocketstyle::nn {

/// The taps of the loss, after ReLU, bottom to top.
enum class VggTap { relu1_2, relu2_2, relu3_3, relu4_3 };
inline constexpr std::array<std::string_view, 4> kVggTapNames = {"relu1_2", "relu2_2", "relu3_3", "relu4_3"};

/// Indices of the ten convolutions conv1_1..conv4_3 in torchvision's `features`; their tensors in a weights file are
/// "features.<i>.weight" [out, in, 3, 3] and "features.<i>.bias" [out].
inline constexpr std::array<int, 10> kVggConvIndices = {0, 2, 5, 7, 10, 12, 14, 17, 19, 21};
/// Output channels of those convolutions.
inline constexpr std::array<std::int64_t, 10> kVggConvWidths = {64, 64, 128, 128, 256, 256, 256, 512, 512, 512};
/// Mean subtracted from RGB 0..255 by the shipped weights.
inline constexpr std::array<double, 3> kVggMeanRgb = {123.68, 116.779, 103.939};
/// SHA-256 of the shipped weights.
inline constexpr std::string_view kVggSha256 = "251c0ab1dba5e77d5afbf344148afcf3a575b84a0f15eab104521df79a487d60";

}  // namespace pocketstyle::nn

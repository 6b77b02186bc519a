// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/vgg16_layout.h"

#include <array>
#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::exporting {

/// The input that a VGG-16 file expects: channels in this order, each (value * range / 255 - mean) / std.
struct VggConvention {
  bool bgr = false;
  double range = 255;                                           ///< 255 or 1
  std::array<double, 3> mean_rgb = {123.68, 116.779, 103.939};  ///< in units of `range`, always in the order r, g, b
  std::array<double, 3> std_rgb = {1, 1, 1};
};

struct VggImportOptions {
  VggConvention convention;
  bool verify = true;
  bool force = false;  ///< overwrite an existing file
};

struct VggImport {
  /// For each tap, the relative difference of its mean on a synthetic picture from that of the shipped VGG-16.
  std::array<double, nn::kVggTapNames.size()> tap_difference{};
  std::vector<std::string> notes;
};

/// Reads VGG-16's convolutions conv1_1..conv4_3 from safetensors (names as in torchvision, features.0.weight, or as in
/// Caffe, conv1_1.weight) or from ONNX (its first ten), converts the first one to RGB 0..255 input and writes the file
/// that nn::Vgg16 reads. The file keeps its own mean, in 0..255, since a mean cannot be folded into a bias where a
/// convolution pads with zeros; so the conversion is exact. Throws DataError (unreadable, a tensor missing or of the
/// wrong shape), UsageError (impossible convention, `output` exists), VerificationError (features far from the
/// reference: nothing is written).
VggImport import_vgg(const std::filesystem::path& input, const std::filesystem::path& output,
                     const VggImportOptions& options = {});

}  // namespace pocketstyle::exporting

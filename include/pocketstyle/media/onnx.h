// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::media {

/// A convolution of an ONNX file.
struct OnnxConvolution {
  std::string name;                 ///< of its node
  std::vector<std::int64_t> shape;  ///< of the weight: output channels, input channels, height, width
  std::vector<float> weight;
  std::vector<float> bias;  ///< one number an output channel; empty if it has none
};

/// All convolutions with constant weights, in the order they run. Read through OpenCV, so what OpenCV cannot read
/// is refused. Throws DataError: missing, not ONNX, an operator that OpenCV does not know.
std::vector<OnnxConvolution> read_onnx_convolutions(const std::filesystem::path& path);

}  // namespace pocketstyle::media

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::media {

/// A convolution of an ONNX file.
struct OnnxConvolution {
  std::string name;                 ///< name of its node
  std::vector<std::int64_t> shape;  ///< shape of the weight: output channels, input channels, height, width
  std::vector<float> weight;
  std::vector<float> bias;  ///< one per output channel; empty if it has none
};

/// All convolutions with constant weights, in execution order. Read by OpenCV, so files that OpenCV cannot read are
/// refused. Throws DataError: missing, not ONNX, an operator that OpenCV does not know.
std::vector<OnnxConvolution> read_onnx_convolutions(const std::filesystem::path& path);

/// Sets the number of CPU threads of OpenCV, which has its own thread pool.
void set_threads(int threads);

/// An ONNX model in OpenCV's dnn module, for pictures of the one size that the model was written for.
class OnnxNet {
 public:
  /// `bytes`: the file's content. Throws DataError: an operator or a shape that OpenCV does not know.
  explicit OnnxNet(const std::string& bytes);
  ~OnnxNet();
  /// From float32 of the model's input shape to float32 of its output shape. Throws RuntimeFailure.
  torch::Tensor run(const torch::Tensor& input);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pocketstyle::media

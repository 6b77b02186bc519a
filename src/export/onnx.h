// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "export/graph.h"
#include "export/onnx_model.h"

#include "pocketstyle/formats/formats.h"

#include <map>
#include <optional>
#include <utility>

namespace pocketstyle::exporting {

using formats::PictureIo;

/// The minimum and maximum of each value of a graph, by name.
using Ranges = std::map<std::string, std::pair<double, double>>;

struct OnnxForm {
  PictureIo io = PictureIo::float_nchw01;
  bool pad_by_slices = false;                                        ///< for runtimes without reflection padding
  Ranges ranges{};                                                   ///< for int8-static
  std::optional<std::pair<std::int64_t, std::int64_t>> static_hw{};  ///< unset: any H and W
};

/// Measured on photos, float [1, 3, H, W] RGB 0..1.
Ranges calibrate(const Graph& graph, const std::vector<torch::Tensor>& photos_nchw01);

/// The network as an ONNX model, opset 13, input "image", output "styled". Weights in fp16 are cast, in int8
/// dequantised (DequantizeLinear, one scale per output channel) in the graph. For int8-static `form.ranges` must hold
/// every convolution's input and output: both are quantised to 8 bits, so that runtimes can use integer convolutions.
/// The last convolution, whose output is the picture, is not quantised.
OnnxModel to_onnx(const Graph& graph, Precision precision, const OnnxForm& form);

}  // namespace pocketstyle::exporting

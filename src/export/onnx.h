// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "export/graph.h"
#include "export/onnx_model.h"

#include <optional>
#include <utility>

namespace pocketstyle::exporting {

/// What goes in and comes out of an ONNX file.
enum class PictureIo {
  float_nchw01,  ///< float32 [1, 3, H, W], RGB 0..1; only operators that OpenCV's dnn module knows
  u8_nhwc,       ///< uint8 [1, H, W, 3], RGB
  rgba_hwc,      ///< uint8 [H, W, 4], RGBA, alpha copied: a canvas' ImageData, a bitmap's pixels
};

struct OnnxForm {
  PictureIo io = PictureIo::float_nchw01;
  bool pad_by_slices = false;                                        ///< for runtimes without reflecting Pad
  std::optional<std::pair<std::int64_t, std::int64_t>> static_hw{};  ///< else H and W are free
};

/// The network as an ONNX model, opset 13, input "image", output "styled". Weights in fp16 are cast, in int8
/// dequantised (DequantizeLinear, one scale an output channel) in the graph.
OnnxModel to_onnx(const Graph& graph, Precision precision, const OnnxForm& form);

}  // namespace pocketstyle::exporting

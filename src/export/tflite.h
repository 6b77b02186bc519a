// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "export/graph.h"
#include "export/tflite_model.h"

#include "pocketstyle/formats/formats.h"

#include <optional>
#include <utility>

namespace pocketstyle::exporting {

struct TfliteForm {
  formats::PictureIo io = formats::PictureIo::float_nhwc01;
  std::optional<std::pair<std::int64_t, std::int64_t>> static_hw{};  ///< unset: any sides divisible by kTfliteMultiple
};

/// A file of free sizes names this height and width, which runtimes use until they are told another.
inline constexpr std::int64_t kTfliteSide = 256;

/// The network as a LiteRT model. With a fixed size it is what GPU delegates take: means as average pools of a few
/// values each, since delegates add up in 16 bits; upsampling to a size. Without, no operator has a size: means over
/// the picture, and upsampling by four copies of the channels that DEPTH_TO_SPACE lays side by side. Weights in fp16
/// and int8 are dequantised in the graph.
TfliteModel to_tflite(const Graph& graph, Precision precision, const TfliteForm& form);

/// The tensors of the graph, by name, as the model stores them, restored; `like` has their names and shapes.
std::map<std::string, torch::Tensor> restored_tensors(const TfliteModel& model, const Graph& like);

}  // namespace pocketstyle::exporting

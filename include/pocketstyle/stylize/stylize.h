// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/media/image.h"
#include "pocketstyle/nn/style_net.h"
#include "pocketstyle/stylize/options.h"

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <memory>

namespace pocketstyle::stylize {

/// A style model, loaded from any supported file. Not thread-safe.
class StyleModel {
 public:
  virtual ~StyleModel() = default;
  /// Input and output: float [1, 3, H, W], RGB 0..255, equal sizes, no gradient.
  virtual torch::Tensor run(const torch::Tensor& photo_nchw255) = 0;
  /// The smallest side that run() supports.
  [[nodiscard]] virtual std::int64_t min_side() const = 0;
  /// Approximate peak memory of run(), in bytes; 0: unknown, assumed to be small.
  [[nodiscard]] virtual std::uint64_t run_bytes(std::int64_t /*height*/, std::int64_t /*width*/) const { return 0; }
  /// The network, for strips. Throws DataError if it cannot be restored from the file.
  virtual nn::StyleNet net();
};

/// Loads a run folder, a weights file or checkpoint (.safetensors), TorchScript (.pt), Lite (.ptl) or ONNX (.onnx).
/// Throws DataError: missing, damaged, of the wrong kind.
std::unique_ptr<StyleModel> load_style_model(const std::filesystem::path& path);

/// Stylises a photo; the result has the photo's size, or the one in `options.size`. The network sees the photo at
/// 1/`options.style_scale` of that size, enlarged if it is smaller than the network supports, and its result is
/// resized. Photos whose activations do not fit into memory are processed in strips, with the same result up to
/// rounding. Throws RuntimeFailure if the network fails or even strips do not fit; DataError if strips are needed and
/// the network cannot be restored from the model's file.
media::Image stylize(StyleModel& model, const media::Image& photo, const StylizeOptions& options);

}  // namespace pocketstyle::stylize

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

/// A style, whatever file it comes in. Not thread-safe.
class StyleModel {
 public:
  virtual ~StyleModel() = default;
  /// float [1, 3, H, W], RGB 0..255, in and out, equal sizes, no gradient.
  virtual torch::Tensor run(const torch::Tensor& photo_nchw255) = 0;
  /// The smallest side that run() takes.
  [[nodiscard]] virtual std::int64_t min_side() const = 0;
  /// About the most memory that run() takes, in bytes; 0: unknown, and taken for little.
  [[nodiscard]] virtual std::uint64_t run_bytes(std::int64_t /*height*/, std::int64_t /*width*/) const { return 0; }
  /// The network, for strips. Throws DataError if the file does not give it.
  virtual nn::StyleNet net();
};

/// From a run folder, a weights file or checkpoint (.safetensors), TorchScript (.pt), Lite (.ptl) or ONNX (.onnx).
/// Throws DataError: missing, damaged, of another kind.
std::unique_ptr<StyleModel> load_style_model(const std::filesystem::path& path);

/// The photo in the style; as large as the photo, or as `options.size` asks. Photos smaller than the network takes are
/// enlarged for it and made small again; those whose activations do not fit the memory go through it in strips, with
/// the same result up to rounding. Throws RuntimeFailure if the network fails on it, or not even strips fit; DataError
/// if it must go in strips and the model's file does not give its weights.
media::Image stylize(StyleModel& model, const media::Image& photo, const StylizeOptions& options);

}  // namespace pocketstyle::stylize

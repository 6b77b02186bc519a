// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/nn/style_net.h"

#include <torch/torch.h>

#include <cstdint>
#include <functional>

namespace pocketstyle::stylize {

struct StripOptions {
  std::uint64_t activation_bytes = 0;     ///< limit for stored activations; with more, less is computed twice
  std::uint64_t strip_bytes = 4'000'000;  ///< approximate size of one strip of one level
};

/// The smallest `activation_bytes` that is enough for a picture: the trunk's level at quarter size, and a few strips.
std::uint64_t least_activation_bytes(const config::Architecture& architecture, std::int64_t height, std::int64_t width,
                                     const StripOptions& options = {});

/// Receives rows of the result, float [1, 3, n, W], RGB around 0..255, not clamped; from top to bottom, each once.
using RowSink = std::function<void(const torch::Tensor& rows_nchw255)>;

/// The same result as net->forward, up to rounding (1e-4 of the range), without ever holding a level that does not fit.
/// Instance norms need the statistics of a whole level, so the network runs in passes: one for each norm, through all
/// layers from the last level that was stored. Strips have the photo's full width. Throws RuntimeFailure if
/// `activation_bytes` is too small, c10::Error if the photo is smaller than the network supports.
void run_in_strips(const nn::StyleNet& net, const media::Image& photo, const StripOptions& options,
                   const RowSink& sink);

}  // namespace pocketstyle::stylize

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/bench/timing.h"
#include "pocketstyle/config/architecture.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pocketstyle::bench {

/// Multiply-accumulates of a convolution's forward pass, as many again for each of its two gradients.
struct ConvShape {
  std::string name;
  std::int64_t in, out, kernel_height, kernel_width, stride, side;  ///< side: of a square picture, of the input
  std::int64_t groups = 1;
  [[nodiscard]] double macs(std::int64_t batch) const;
};

/// The convolutions of VGG-16 up to relu4_3, and of a style network as it runs (doubling as four 2x2 phases, the tail
/// in rows; nn/rewritten_conv.h), for square pictures of `side` pixels.
std::vector<ConvShape> vgg_convs(std::int64_t side);
std::vector<ConvShape> net_convs(const config::Architecture& architecture, std::int64_t side);

/// What convolutions compute in.
enum class FloatType { fp32, bf16 };
/// "fp32" or "bf16".
const char* to_string(FloatType type);
/// Those that the processor has: fp32, and bf16 where it multiplies that natively.
std::vector<FloatType> float_types_here();

struct ConvTime {
  ConvShape shape;
  FloatType type;
  results::Latency forward, input_gradient, weight_gradient;
};

/// One convolution, channels-last, all three passes in turn.
ConvTime time_conv(const ConvShape& shape, std::int64_t batch, FloatType type, int repeats);

/// GFLOP/s (two a multiply-accumulate) of the fastest of VGG-16's 3x3 convolutions, whichever pass: what a perfect
/// training step would reach. Measured where it is asked for, since a machine is not the same twice.
double convolution_peak_gflops(FloatType type);

}  // namespace pocketstyle::bench

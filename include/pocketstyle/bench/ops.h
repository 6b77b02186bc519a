// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/bench/timing.h"
#include "pocketstyle/config/architecture.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pocketstyle::bench {

/// Multiply-accumulates of the forward pass of a convolution; each of its two gradients takes as many again.
struct ConvShape {
  std::string name;
  std::int64_t in, out, kernel_height, kernel_width, stride, side;  ///< side: of the square input
  std::int64_t groups = 1;
  [[nodiscard]] double macs(std::int64_t batch) const;
};

/// The convolutions of VGG-16 up to relu4_3, and of a style network as it runs (doubling as four 2x2 phases, the tail
/// in rows; nn/rewritten_conv.h), for square pictures of `side` pixels.
std::vector<ConvShape> vgg_convs(std::int64_t side);
std::vector<ConvShape> net_convs(const config::Architecture& architecture, std::int64_t side);

/// The data type that convolutions compute in.
enum class FloatType { fp32, bf16 };
/// "fp32" or "bf16".
const char* to_string(FloatType type);
/// The types that the processor supports: fp32, and bf16 where it multiplies that natively.
std::vector<FloatType> float_types_here();

struct ConvTime {
  ConvShape shape;
  FloatType type;
  results::Latency forward, input_gradient, weight_gradient;
};

/// One convolution, channels-last; its three passes take turns.
ConvTime time_conv(const ConvShape& shape, std::int64_t batch, FloatType type, int repeats, Clock clock = Clock::wall);

struct WinogradTime {
  results::Latency forward, input_gradient;
};

/// The same by Winograd's method (nn/winograd.h) in fp32, if it takes the convolution.
std::optional<WinogradTime> time_winograd(const ConvShape& shape, std::int64_t batch, int repeats,
                                          Clock clock = Clock::wall);

/// GFLOP/s (two operations per multiply-accumulate) of the fastest pass of VGG-16's 3x3 convolutions: the upper bound
/// for a training step. Measured each time, since a machine's speed varies.
double convolution_peak_gflops(FloatType type);

}  // namespace pocketstyle::bench

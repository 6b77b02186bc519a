// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/bench/ops.h"

#include "pocketstyle/core/cpu.h"
#include "pocketstyle/network/layers.h"
#include "pocketstyle/nn/vgg16_layout.h"
#include "pocketstyle/nn/winograd.h"

#include <torch/torch.h>

#include <algorithm>

namespace pocketstyle::bench {
namespace {

std::int64_t output_side(const ConvShape& shape) {
  return (shape.side + shape.stride - 1) / shape.stride;
}

/// The convolution as the network runs it, see nn/rewritten_conv.h.
ConvShape as_it_runs(const network::Layer& layer, std::int64_t picture_side) {
  const std::int64_t side = network::side_at(picture_side, layer.level);
  if (layer.doubles) return {layer.name, layer.in, 4 * layer.out, 2, 2, 1, side / 2};
  if (layer.is_output()) return {layer.name, layer.in, layer.kernel * layer.out, 1, layer.kernel, 1, side};
  return {layer.name, layer.in, layer.out, layer.kernel, layer.kernel, layer.stride, side * layer.stride, layer.groups};
}

/// Channels-last, from the normal distribution.
torch::Tensor random(torch::IntArrayRef sizes, FloatType type) {
  return torch::randn(sizes)
      .to(type == FloatType::bf16 ? torch::kBFloat16 : torch::kFloat32)
      .contiguous(torch::MemoryFormat::ChannelsLast);
}

/// Pictures with the border that the kernel wants, and its weights.
std::pair<torch::Tensor, torch::Tensor> operands(const ConvShape& shape, std::int64_t batch, FloatType type) {
  return {random({batch, shape.in, shape.side + shape.kernel_height - 1, shape.side + shape.kernel_width - 1}, type),
          random({shape.out, shape.in / shape.groups, shape.kernel_height, shape.kernel_width}, type)};
}

}  // namespace

double ConvShape::macs(std::int64_t batch) const {
  const auto pixels = static_cast<double>(output_side(*this) * output_side(*this));
  return static_cast<double>(batch * (in / groups) * out * kernel_height * kernel_width) * pixels;
}

std::vector<ConvShape> vgg_convs(std::int64_t side) {
  std::vector<ConvShape> convs;
  std::int64_t in = 3;
  for (std::size_t i = 0; i < nn::kVggConvWidths.size(); ++i) {
    if (in != 3 && nn::kVggConvWidths[i] != in) side /= 2;  // the size is halved wherever the width grows
    const std::string number = std::to_string(nn::kVggConvIndices[i]);
    convs.push_back({"vgg features." + number, in, nn::kVggConvWidths[i], 3, 3, 1, side});
    in = nn::kVggConvWidths[i];
  }
  return convs;
}

std::vector<ConvShape> net_convs(const config::Architecture& architecture, std::int64_t side) {
  std::vector<ConvShape> convs;
  for (const network::Layer& layer : network::layers(architecture)) convs.push_back(as_it_runs(layer, side));
  return convs;
}

const char* to_string(FloatType type) {
  return type == FloatType::bf16 ? "bf16" : "fp32";
}

std::vector<FloatType> float_types_here() {
  if (cpu_has_bfloat16()) return {FloatType::fp32, FloatType::bf16};
  return {FloatType::fp32};
}

ConvTime time_conv(const ConvShape& shape, std::int64_t batch, FloatType type, int repeats, Clock clock) {
  const torch::NoGradGuard no_grad;
  const auto [x, weight] = operands(shape, batch, type);
  constexpr std::int64_t kNone = 0;
  const auto forward = [&, &x = x, &weight = weight] {
    return torch::conv2d(x, weight, torch::Tensor(), shape.stride, kNone, /*dilation=*/1, shape.groups);
  };
  torch::Tensor y = forward();
  const torch::Tensor gradient = random(y.sizes(), type);
  const auto backward = [&, &x = x, &weight = weight](bool input, bool weights) {
    at::convolution_backward(gradient, x, weight, c10::nullopt, {shape.stride, shape.stride}, {0, 0}, {1, 1},
                             /*transposed=*/false, {0, 0}, shape.groups, {input, weights, false});
  };
  const auto times =
      time_in_turns({[&] { y = forward(); }, [&] { backward(true, false); }, [&] { backward(false, true); }},
                    /*warm_ups=*/1, repeats, clock);
  return {shape, type, times[0], times[1], times[2]};
}

std::optional<WinogradTime> time_winograd(const ConvShape& shape, std::int64_t batch, int repeats, Clock clock) {
  if (shape.kernel_height != 3 || shape.kernel_width != 3 || shape.stride != 1 || shape.groups != 1) return {};
  const torch::NoGradGuard no_grad;
  const auto [x, weight] = operands(shape, batch, FloatType::fp32);
  const nn::WinogradConv conv(weight);
  constexpr auto kNone = nn::WinogradBorder::none;
  if (!conv.takes(x, kNone)) return {};
  torch::Tensor dx, y = conv.forward(x, {}, /*relu=*/false, kNone);
  const torch::Tensor gradient = random(y.sizes(), FloatType::fp32);
  const auto times = time_in_turns({[&, &x = x] { y = conv.forward(x, {}, /*relu=*/false, kNone); },
                                    [&, &x = x] { dx = conv.input_gradient(gradient, {}, x.sizes(), kNone); }},
                                   /*warm_ups=*/1, repeats, clock);
  return WinogradTime{times[0], times[1]};
}

double convolution_peak_gflops(FloatType type) {
  double peak = 0;
  for (const ConvShape& shape : vgg_convs(256)) {
    if (shape.in != shape.out || shape.side == 256) continue;
    const ConvTime time = time_conv(shape, /*batch=*/4, type, /*repeats=*/3);
    for (const results::Latency& pass : {time.forward, time.input_gradient, time.weight_gradient})
      peak = std::max(peak, 2 * shape.macs(4) / pass.median_ms / 1e6);
  }
  return peak;
}

}  // namespace pocketstyle::bench

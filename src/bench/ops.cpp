// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/bench/ops.h"

#include "pocketstyle/nn/vgg16.h"
#include "pocketstyle/report/layer_table.h"

#include <algorithm>

namespace pocketstyle::bench {
namespace {

std::int64_t output_side(const ConvShape& shape) {
  return (shape.side + shape.stride - 1) / shape.stride;
}

/// As the network convolves it, see nn/rewritten_conv.h.
ConvShape as_it_runs(const report::LayerRow& row) {
  if (row.type == "upsample x2 + conv")
    return {row.name, row.in_channels, 4 * row.out_channels, 2, 2, 1, row.out_width / 2};
  if (row.out_channels == 3)
    return {row.name, row.in_channels, row.kernel * row.out_channels, 1, row.kernel, 1, row.out_width};
  return {row.name, row.in_channels, row.out_channels, row.kernel, row.kernel, row.stride, row.out_width * row.stride};
}

}  // namespace

double ConvShape::macs(std::int64_t batch) const {
  const auto pixels = static_cast<double>(output_side(*this) * output_side(*this));
  return static_cast<double>(batch * in * out * kernel_height * kernel_width) * pixels;
}

std::vector<ConvShape> vgg_convs(std::int64_t side) {
  std::vector<ConvShape> convs;
  std::int64_t in = 3;
  for (std::size_t i = 0; i < nn::kVggConvWidths.size(); ++i) {
    if (in != 3 && nn::kVggConvWidths[i] != in) side /= 2;  // wherever the width grows, the picture was halved
    const std::string number = std::to_string(nn::kVggConvIndices[i]);
    convs.push_back({"vgg features." + number, in, nn::kVggConvWidths[i], 3, 3, 1, side});
    in = nn::kVggConvWidths[i];
  }
  return convs;
}

std::vector<ConvShape> net_convs(const config::Architecture& architecture, std::int64_t side) {
  std::vector<ConvShape> convs;
  for (const report::LayerRow& row : report::layer_table(architecture, side, side))
    if (row.kernel > 0) convs.push_back(as_it_runs(row));
  return convs;
}

ConvTime time_conv(const ConvShape& shape, std::int64_t batch, torch::ScalarType type, int repeats) {
  const torch::NoGradGuard no_grad;
  const auto made = [&](torch::IntArrayRef sizes) {
    return torch::randn(sizes).to(type).contiguous(torch::MemoryFormat::ChannelsLast);
  };
  const torch::Tensor x =
      made({batch, shape.in, shape.side + shape.kernel_height - 1, shape.side + shape.kernel_width - 1});
  const torch::Tensor weight = made({shape.out, shape.in, shape.kernel_height, shape.kernel_width});
  torch::Tensor y = torch::conv2d(x, weight, torch::Tensor(), shape.stride);
  const torch::Tensor gradient = made(y.sizes());
  const auto backward = [&](bool input, bool weights) {
    at::convolution_backward(gradient, x, weight, c10::nullopt, {shape.stride, shape.stride}, {0, 0}, {1, 1},
                             /*transposed=*/false, {0, 0}, /*groups=*/1, {input, weights, false});
  };
  const auto times = time_in_turns({[&] { y = torch::conv2d(x, weight, torch::Tensor(), shape.stride); },
                                    [&] { backward(true, false); }, [&] { backward(false, true); }},
                                   /*warm_ups=*/1, repeats);
  return {shape, type, times[0], times[1], times[2]};
}

double convolution_peak_gflops(torch::ScalarType type) {
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

// SPDX-License-Identifier: Apache-2.0
#include "stylize/channel_statistics.h"

namespace pocketstyle::stylize {

ChannelStatistics::ChannelStatistics(std::int64_t channels)
    : mean_(torch::zeros(channels, torch::kFloat64)), deviations_(torch::zeros(channels, torch::kFloat64)) {}

void ChannelStatistics::add(const torch::Tensor& strip) {
  const torch::Tensor mean = strip.mean({0, 2, 3}, /*keepdim=*/true);
  ChannelStatistics one(strip.size(1));
  one.count_ = static_cast<double>(strip.size(2) * strip.size(3));
  one.mean_ = mean.flatten().to(torch::kFloat64);
  one.deviations_ = (strip - mean).square_().sum({0, 2, 3}).to(torch::kFloat64);
  merge(one);
}

void ChannelStatistics::merge(const ChannelStatistics& other) {
  const double count = count_ + other.count_;
  if (count == 0) return;
  const torch::Tensor apart = other.mean_ - mean_;
  mean_ = mean_ + apart * (other.count_ / count);
  deviations_ = deviations_ + other.deviations_ + apart.square() * (count_ * other.count_ / count);
  count_ = count;
}

Affine ChannelStatistics::affine(const torch::Tensor& weight, const torch::Tensor& bias, double eps) const {
  const torch::Tensor scale = weight.to(torch::kFloat64) / torch::sqrt(variance() + eps);
  const torch::Tensor shift = bias.to(torch::kFloat64) - mean_ * scale;
  return {.scale = scale.to(torch::kFloat32).view({1, -1, 1, 1}),
          .shift = shift.to(torch::kFloat32).view({1, -1, 1, 1})};
}

}  // namespace pocketstyle::stylize

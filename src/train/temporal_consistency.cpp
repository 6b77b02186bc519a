// SPDX-License-Identifier: Apache-2.0
#include "train/temporal_consistency.h"

#include "pocketstyle/core/random.h"

namespace pocketstyle::train {
namespace {

constexpr std::uint64_t kStream = 0x7E3907A1ULL;  // separate from the samples' random numbers
constexpr std::int64_t kStride = 4;               // of the network

}  // namespace

Perturbation::Perturbation(const config::TemporalConfig& config, std::uint64_t seed, std::int64_t first_sample,
                           const torch::Tensor& photos_nchw255)
    : less_((config.shift + kStride - 1) / kStride * kStride) {
  std::vector<CounterRandom> random;
  for (std::int64_t n = 0; n < photos_nchw255.size(0); ++n) {
    random.emplace_back(seed ^ kStream, static_cast<std::uint64_t>(first_sample + n));
    const std::int64_t top = random.back().integer(0, config.shift), left = random.back().integer(0, config.shift);
    corners_.emplace_back(top, left);
  }
  photos_ = window_of(photos_nchw255);
  if (config.noise == 0) return;
  torch::Tensor noise = torch::empty(photos_.sizes());
  const std::int64_t values = noise[0].numel();
  const auto most = static_cast<float>(config.noise);
  auto* at = noise.data_ptr<float>();
  for (CounterRandom& numbers : random)
    for (std::int64_t i = 0; i < values; ++i) *at++ = most * (2 * numbers.unit() - 1);
  photos_ = (photos_ + noise.to(photos_.device())).clamp_(0, 255);
}

torch::Tensor Perturbation::window_of(const torch::Tensor& pictures_nchw255) const {
  const auto height = pictures_nchw255.size(2) - less_, width = pictures_nchw255.size(3) - less_;
  std::vector<torch::Tensor> windows;
  for (std::size_t n = 0; n < corners_.size(); ++n) {
    const auto [top, left] = corners_[n];
    windows.push_back(
        pictures_nchw255.narrow(0, static_cast<std::int64_t>(n), 1).narrow(2, top, height).narrow(3, left, width));
  }
  return torch::cat(windows);
}

}  // namespace pocketstyle::train

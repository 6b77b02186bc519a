// SPDX-License-Identifier: Apache-2.0
#pragma once
// The inner loops of the operators in this folder, on rows of channels-last pixels. No LibTorch here: kernels.cpp is
// compiled for several vector instruction sets, and the best one is chosen when the program starts.

#include <bit>
#include <cstdint>
#include <vector>

namespace pocketstyle::nn::kernels {

/// bfloat16 in memory: the upper half of a float.
struct BFloat16 {
  std::uint16_t bits;
};
inline float to_float(float x) {
  return x;
}
inline float to_float(BFloat16 x) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(x.bits) << 16U);
}
inline void store(float& to, float x) {
  to = x;
}
/// Rounded to nearest, ties to even, as LibTorch does.
inline void store(BFloat16& to, float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  to.bits = static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U);
}

/// One number per channel, repeated over as many pixels as are needed to fill vectors: a row is then one long loop,
/// even with few channels.
class Channels {
 public:
  explicit Channels(std::int64_t channels) : channels_(channels), values_(static_cast<std::size_t>(period(channels))) {}
  static std::int64_t period(std::int64_t channels) { return channels * ((kLeast + channels - 1) / channels); }
  void set(std::int64_t channel, float value) {
    for (std::int64_t i = channel; i < std::ssize(values_); i += channels_)
      values_[static_cast<std::size_t>(i)] = value;
  }
  /// Sums up sums that were made position by position into one per channel.
  [[nodiscard]] double sum(std::int64_t channel) const {
    double all = 0;
    for (std::int64_t i = channel; i < std::ssize(values_); i += channels_) all += values_[static_cast<std::size_t>(i)];
    return all;
  }
  void clear() { values_.assign(values_.size(), 0.0F); }
  float* data() { return values_.data(); }
  [[nodiscard]] const float* data() const { return values_.data(); }
  [[nodiscard]] std::int64_t size() const { return std::ssize(values_); }

 private:
  static constexpr std::int64_t kLeast = 64;
  std::int64_t channels_;
  std::vector<float> values_;
};

/// sum += x - pivot and squares += (x - pivot)^2 over `count` numbers; all three repeat after `period`.
void add_moments(const float* x, std::int64_t count, const float* pivot, float* sum, float* squares,
                 std::int64_t period);
void add_moments(const BFloat16* x, std::int64_t count, const float* pivot, float* sum, float* squares,
                 std::int64_t period);

/// y = x * scale + shift, then ReLU if asked, then + residual if it is not null.
void scale_shift(const float* x, const float* residual, float* y, std::int64_t count, const float* scale,
                 const float* shift, bool relu, std::int64_t period);
void scale_shift(const BFloat16* x, const BFloat16* residual, BFloat16* y, std::int64_t count, const float* scale,
                 const float* shift, bool relu, std::int64_t period);

/// gradient (float, in place): zero where ReLU was zero. Then masked = gradient, sum += gradient and products +=
/// gradient * (x - mean) * rstd, where x * scale + shift was ReLU's input.
struct NormRow {
  const float *scale, *shift, *rstd, *minus_mean_rstd;
};
void mask_and_sum(float* gradient, const float* x, float* masked, std::int64_t count, NormRow norm, bool relu,
                  float* sum, float* products, std::int64_t period);
void mask_and_sum(float* gradient, const BFloat16* x, BFloat16* masked, std::int64_t count, NormRow norm, bool relu,
                  float* sum, float* products, std::int64_t period);

/// dx = dx * a + x * b + c.
void combine(float* dx, const float* x, std::int64_t count, const float* a, const float* b, const float* c,
             std::int64_t period);
void combine(BFloat16* dx, const BFloat16* x, std::int64_t count, const float* a, const float* b, const float* c,
             std::int64_t period);

/// to += from, or to = from if `first`.
void add_row(const float* from, float* to, std::int64_t count, bool first);
void add_row(const BFloat16* from, float* to, std::int64_t count, bool first);

/// 2x2 maximum: out = max of two adjacent pixels each of `upper` and `lower`; writes `pixels` of `channels` numbers.
void max_pool_row(const float* upper, const float* lower, float* out, std::int64_t pixels, std::int64_t channels);
void max_pool_row(const BFloat16* upper, const BFloat16* lower, BFloat16* out, std::int64_t pixels,
                  std::int64_t channels);

/// Its gradient: to the first of the four that equals the maximum, zero to the others.
void max_pool_row_backward(const float* upper, const float* lower, const float* out, const float* gradient,
                           float* upper_gradient, float* lower_gradient, std::int64_t pixels, std::int64_t channels);
void max_pool_row_backward(const BFloat16* upper, const BFloat16* lower, const BFloat16* out, const BFloat16* gradient,
                           BFloat16* upper_gradient, BFloat16* lower_gradient, std::int64_t pixels,
                           std::int64_t channels);

}  // namespace pocketstyle::nn::kernels

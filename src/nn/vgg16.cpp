// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/vgg16.h"

#include "nn/max_pool.h"
#include "nn/tensor_data.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/nn/rewritten_conv.h"
#include "pocketstyle/nn/safetensors.h"

#include <algorithm>
#include <cstdlib>

namespace pocketstyle::nn {
namespace {

/// A 2x2 max pooling comes before these convolutions.
constexpr std::array<std::size_t, 3> kPoolBefore = {2, 4, 7};
bool pooled_before(std::size_t layer) {
  return std::find(kPoolBefore.begin(), kPoolBefore.end(), layer) != kPoolBefore.end();
}
/// The convolution after whose ReLU each tap is taken.
constexpr std::array<std::size_t, 4> kTapAfter = {1, 3, 6, 9};

/// The row or column that replaces the one beyond the edge: the one next to the edge, or the edge if it is the only
/// one.
std::int64_t mirrored(std::int64_t side) {
  return std::min<std::int64_t>(side - 1, 1);
}

/// x with a reflected border of one pixel, channels-last, without autograd.
torch::Tensor reflect_pad(const torch::Tensor& x) {
  const auto height = x.size(2), width = x.size(3);
  torch::Tensor padded = empty_channels_last({x.size(0), x.size(1), height + 2, width + 2}, x.options());
  padded.narrow(2, 1, height).narrow(3, 1, width).copy_(x);
  for (const std::int64_t dim : {2, 3}) {
    const auto side = x.size(dim), inside = mirrored(side);
    padded.select(dim, 0).copy_(padded.select(dim, 1 + inside));
    padded.select(dim, side + 1).copy_(padded.select(dim, side - inside));
  }
  return padded;
}

/// The gradient of x from that of reflect_pad(x), which is overwritten.
torch::Tensor reflect_pad_backward(const torch::Tensor& padded) {
  for (const std::int64_t dim : {3, 2}) {
    const auto side = padded.size(dim) - 2, inside = mirrored(side);
    padded.select(dim, 1 + inside).add_(padded.select(dim, 0));
    padded.select(dim, side - inside).add_(padded.select(dim, side + 1));
  }
  return padded.narrow(2, 1, padded.size(2) - 2).narrow(3, 1, padded.size(3) - 2);
}

/// The same with autograd.
torch::Tensor reflect_pad_differentiably(const torch::Tensor& x) {
  torch::Tensor padded = x;
  for (const std::int64_t dim : {2, 3}) {
    const auto side = x.size(dim), inside = mirrored(side);
    padded = torch::cat({padded.narrow(dim, inside, 1), padded, padded.narrow(dim, side - 1 - inside, 1)}, dim);
  }
  return padded;
}

/// Checks that the input convention in the file's metadata is ours. Keys as in the shipped file.
std::vector<double> check_convention(const TensorFile& file, const std::string& where) {
  const auto expect = [&](const char* key, const char* value) {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end() || found->second != value)
      throw DataError("{}: metadata {}: expected {}, found {}; convert the file with pocketstyle weights import", where,
                      key, value, found == file.metadata.end() ? "nothing" : found->second);
  };
  expect("architecture", "vgg16");
  expect("channel_order", "rgb");
  expect("input_range", "0..255");
  expect("std", "1,1,1");
  const auto mean = file.metadata.find("mean");
  std::vector<double> values;
  if (mean != file.metadata.end()) {
    const char* text = mean->second.c_str();
    char* end = nullptr;
    for (double value = std::strtod(text, &end); end != text; value = std::strtod(text, &end)) {
      values.push_back(value);
      text = *end == ',' ? end + 1 : end;
    }
  }
  if (values.size() != 3) throw DataError("{}: metadata mean: expected three numbers", where);
  return values;
}

}  // namespace

Vgg16::Vgg16(const std::filesystem::path& weights, torch::Device device) {
  const bool shipped = weights.empty();
  const std::filesystem::path path = shipped ? find_asset("vgg16/vgg16_conv4_3.safetensors") : weights;
  const std::string where = path.string();
  const std::string bytes = read_file(path);
  sha256_ = sha256_hex(bytes);
  if (shipped && sha256_ != kVggSha256)
    throw DataError("{}: damaged or incomplete: expected SHA-256 {}, found {}", where, kVggSha256, sha256_);
  const TensorFile file = parse_safetensors(bytes, where);
  mean_ = torch::tensor(check_convention(file, where), torch::kFloat32).view({1, 3, 1, 1}).to(device);
  std::int64_t in = 3;
  for (std::size_t i = 0; i < kVggConvIndices.size(); ++i) {
    const std::string name = "features." + std::to_string(kVggConvIndices[i]);
    const auto get = [&](const char* suffix, std::vector<std::int64_t> shape) {
      const torch::Tensor* tensor = file.find(name + suffix);
      if (tensor == nullptr) throw DataError("{}: tensor {}{} is missing", where, name, suffix);
      if (tensor->sizes() != torch::IntArrayRef(shape))
        throw DataError("{}: tensor {}{}: expected shape [{}], found [{}]", where, name, suffix, fmt::join(shape, ", "),
                        fmt::join(tensor->sizes(), ", "));
      return tensor->to(device, torch::kFloat32);
    };
    weights_.push_back(channels_last(get(".weight", {kVggConvWidths[i], in, 3, 3})));
    biases_.push_back(get(".bias", {kVggConvWidths[i]}));
    in = kVggConvWidths[i];
  }
  for (const torch::Tensor& weight : weights_) rotated_.push_back(channels_last(weight.flip({2, 3}).transpose(0, 1)));
}

Vgg16 Vgg16::to(torch::ScalarType type, torch::MemoryFormat layout) const {
  Vgg16 other = *this;
  other.layout_ = layout;
  for (auto* const kernels : {&other.weights_, &other.rotated_})
    for (torch::Tensor& kernel : *kernels) kernel = kernel.to(type).contiguous(layout);
  for (torch::Tensor& bias : other.biases_) bias = bias.to(type);
  return other.with(winograd_.empty() ? VggMethod::direct : VggMethod::winograd);
}

Vgg16 Vgg16::with(VggBorder border) const {
  Vgg16 other = *this;
  other.border_ = border;
  return other;
}

Vgg16 Vgg16::with(VggMethod method) const {
  Vgg16 other = *this;
  other.winograd_.clear();
  if (method == VggMethod::winograd)
    for (const torch::Tensor& weight : weights_) other.winograd_.emplace_back(weight);
  return other;
}

bool Vgg16::by_winograd(std::size_t layer, const torch::Tensor& x) const {
  return !winograd_.empty() && border_ == VggBorder::reflect && !x.requires_grad() &&
         winograd_[layer].takes(x, WinogradBorder::mirror);
}

torch::Tensor Vgg16::first_input(const torch::Tensor& rgb255) const {
  TORCH_CHECK(rgb255.dim() == 4 && rgb255.size(1) == 3, "expected [N, 3, H, W], found ", rgb255.sizes());
  TORCH_CHECK(std::min(rgb255.size(2), rgb255.size(3)) >= 8, "expected sides of 8 pixels or more, found ",
              rgb255.size(2), "x", rgb255.size(3));
  return (rgb255 - mean_).to(weights_[0].scalar_type()).contiguous(layout_);
}

torch::Tensor Vgg16::convolve(std::size_t layer, const torch::Tensor& x) const {
  if (by_winograd(layer, x)) return winograd_[layer].forward(x, biases_[layer], /*relu=*/true, WinogradBorder::mirror);
  if (border_ == VggBorder::zeros)
    return torch::conv2d(x, weights_[layer], biases_[layer], /*stride=*/1, /*padding=*/1).relu_();
  const bool fast = layout_ == torch::MemoryFormat::ChannelsLast && !x.requires_grad();
  const torch::Tensor padded = fast ? reflect_pad(x) : reflect_pad_differentiably(x);
  return torch::conv2d(padded.contiguous(layout_), weights_[layer], biases_[layer]).relu_();
}

std::vector<torch::Tensor> Vgg16::features(const torch::Tensor& rgb255, VggTap last) const {
  const auto taps = static_cast<std::size_t>(last) + 1;
  std::vector<torch::Tensor> features;
  torch::Tensor y = first_input(rgb255);
  for (std::size_t i = 0; features.size() < taps; ++i) {
    if (pooled_before(i)) y = torch::max_pool2d(y, 2);
    y = convolve(i, y);
    if (i == kTapAfter[features.size()]) features.push_back(y);
  }
  return features;
}

VggPass::VggPass(const Vgg16& vgg, const torch::Tensor& rgb255) : vgg_(vgg) {
  const torch::NoGradGuard no_grad;
  torch::Tensor y = vgg_.first_input(rgb255);
  for (std::size_t i = 0; i < kVggConvIndices.size(); ++i) {
    if (pooled_before(i)) y = pooled_.emplace_back(max_pool(y));
    y = activations_.emplace_back(vgg_.convolve(i, y));
  }
}

const torch::Tensor& VggPass::feature(VggTap tap) const {
  return activations_.at(kTapAfter.at(static_cast<std::size_t>(tap)));
}

/// The input gradient of a convolution is a convolution of the output's gradient with the kernels rotated by 180
/// degrees; in oneDNN that is a third faster than its gradient operator (float32, AVX-512).
torch::Tensor VggPass::backward(const std::function<void(VggTap tap, torch::Tensor& gradient)>& add) {
  const torch::NoGradGuard no_grad;
  const bool reflects = vgg_.border_ == VggBorder::reflect;
  const std::int64_t around = reflects ? 2 : 1;  // including the gradient of the border
  torch::Tensor gradient = torch::zeros_like(activations_.back());
  std::size_t tap = kTapAfter.size();
  for (std::size_t i = activations_.size(); i-- > 0;) {
    if (tap > 0 && i == kTapAfter[tap - 1]) add(static_cast<VggTap>(--tap), gradient);
    const torch::Tensor activation = std::move(activations_[i]);
    const bool pooled = pooled_before(i);
    const torch::Tensor x = i == 0 ? torch::Tensor() : pooled ? pooled_.back() : activations_[i - 1];
    if (i > 0 && vgg_.by_winograd(i, x)) {
      gradient = vgg_.winograd_[i].input_gradient(gradient, activation, x.sizes(), WinogradBorder::mirror);
    } else {
      at::threshold_backward_out(gradient, gradient, activation, 0);  // zero where ReLU was zero
      if (i == 0) break;
      gradient = torch::conv2d(gradient, vgg_.rotated_[i], {}, /*stride=*/1, around);
      if (reflects) gradient = channels_last(reflect_pad_backward(gradient));
    }
    if (!pooled) continue;
    gradient = max_pool_backward(activations_[i - 1], pooled_.back(), channels_last(gradient));
    pooled_.pop_back();
  }
  gradient = conv_to_few(torch::constant_pad_nd(gradient, {around, around, around, around}), vgg_.rotated_[0]);
  return reflects ? reflect_pad_backward(gradient) : gradient;
}

}  // namespace pocketstyle::nn

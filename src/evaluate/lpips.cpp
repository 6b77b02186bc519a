// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/lpips.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/nn/safetensors.h"

#include <algorithm>

namespace pocketstyle::evaluate {
namespace {

/// Indices of the convolutions in torchvision's `features`, for each of the package's slices.
const std::vector<std::vector<int>>& slices() {
  static const std::vector<std::vector<int>> all{{0, 2}, {5, 7}, {10, 12, 14}, {17, 19, 21}, {24, 26, 28}};
  return all;
}
constexpr std::int64_t kLeastSide = 16;  // four poolings

torch::Tensor tensor(const nn::TensorFile& file, const std::string& name, const std::vector<std::int64_t>& shape,
                     const std::string& where) {
  const torch::Tensor* found = file.find(name);
  if (found == nullptr)
    throw DataError("{}: tensor {} is missing; expected the whole state dict of lpips.LPIPS(net='vgg'), with VGG-16",
                    where, name);
  bool fits = found->dim() == static_cast<std::int64_t>(shape.size());
  for (std::size_t i = 0; fits && i < shape.size(); ++i)
    fits = shape[i] < 0 || found->size(static_cast<std::int64_t>(i)) == shape[i];
  if (!fits)
    throw DataError("{}: tensor {}: expected shape [{}] (-1: any), found [{}]", where, name, fmt::join(shape, ", "),
                    fmt::join(found->sizes(), ", "));
  return found->to(torch::kFloat32);
}

}  // namespace

Lpips::Lpips(const std::filesystem::path& path) {
  const nn::TensorFile file = nn::read_safetensors(path);
  const std::string where = path.string();
  std::int64_t channels = 3;
  for (std::size_t slice = 0; slice < slices().size(); ++slice) {
    weights_.emplace_back();
    biases_.emplace_back();
    for (const int index : slices()[slice]) {
      const std::string name = fmt::format("net.slice{}.{}", slice + 1, index);
      weights_.back().push_back(tensor(file, name + ".weight", {-1, channels, 3, 3}, where));
      channels = weights_.back().back().size(0);
      biases_.back().push_back(tensor(file, name + ".bias", {channels}, where));
    }
    linear_.push_back(tensor(file, fmt::format("lin{}.model.1.weight", slice), {1, channels, 1, 1}, where));
  }
}

std::vector<torch::Tensor> Lpips::features(const torch::Tensor& picture_nchw255) const {
  // The package's ScalingLayer, on pictures of -1..1.
  const torch::Tensor shift = torch::tensor({-0.030F, -0.088F, -0.188F}).view({1, 3, 1, 1});
  const torch::Tensor scale = torch::tensor({0.458F, 0.448F, 0.450F}).view({1, 3, 1, 1});
  torch::Tensor x = (picture_nchw255 / 127.5 - 1 - shift) / scale;
  std::vector<torch::Tensor> taps;
  for (std::size_t slice = 0; slice < weights_.size(); ++slice) {
    if (slice > 0) x = torch::max_pool2d(x, 2);
    for (std::size_t i = 0; i < weights_[slice].size(); ++i)
      x = torch::relu(torch::conv2d(x, weights_[slice][i], biases_[slice][i], 1, 1));
    taps.push_back(x / (x.square().sum(1, /*keepdim=*/true).sqrt() + 1e-10));
  }
  return taps;
}

double Lpips::distance(const torch::Tensor& a, const torch::Tensor& b) const {
  if (std::min(a.size(2), a.size(3)) < kLeastSide)
    throw RuntimeFailure("a picture of {}x{} is too small, expected sides of {} or more", a.size(3), a.size(2),
                         kLeastSide);
  const torch::NoGradGuard no_grad;
  const std::vector<torch::Tensor> of_a = features(a), of_b = features(b);
  double sum = 0;
  for (std::size_t tap = 0; tap < of_a.size(); ++tap)
    sum += torch::conv2d((of_a[tap] - of_b[tap]).square(), linear_[tap]).mean().item<double>();
  return sum;
}

}  // namespace pocketstyle::evaluate

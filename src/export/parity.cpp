// SPDX-License-Identifier: Apache-2.0
#include "export/parity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace pocketstyle::exporting {
namespace {

constexpr std::array<std::pair<std::int64_t, std::int64_t>, 5> kSizes = {
    {{64, 64}, {65, 63}, {97, 131}, {128, 75}, {48, 160}}};
constexpr std::uint64_t kSeed = 20200501;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

torch::Tensor noise(std::int64_t height, std::int64_t width) {
  auto generator = at::detail::createCPUGenerator(kSeed + static_cast<std::uint64_t>(height * 10000 + width));
  return torch::rand({1, 3, height, width}, generator);
}

torch::Tensor gradient(std::int64_t height, std::int64_t width) {
  const torch::Tensor down = torch::linspace(0, 1, height).view({1, 1, height, 1});
  const torch::Tensor right = torch::linspace(0, 1, width).view({1, 1, 1, width});
  return torch::cat({(down + right) / 2, (down + 1 - right) / 2, down * right}, 1);
}

/// Smooth waves with a little noise, similar to a photo.
torch::Tensor smooth(std::int64_t height, std::int64_t width) {
  const torch::Tensor down = torch::linspace(0, 7, height).view({1, 1, height, 1});
  const torch::Tensor right = torch::linspace(0, 9, width).view({1, 1, 1, width});
  const torch::Tensor waves = torch::cat(
      {torch::sin(down + right), torch::cos(1.7 * down - right), torch::sin(0.6 * right) * torch::cos(down)}, 1);
  return 0.5 + 0.4 * waves + 0.05 * (noise(height, width) - 0.5);
}

nn::StyleNet in_double(const nn::StyleNet& net) {
  nn::StyleNet copy(net->architecture);
  const torch::NoGradGuard no_grad;
  copy->to(torch::kFloat64);
  const auto parameters = net->parameters();
  auto from = parameters.begin();
  for (auto& parameter : copy->parameters()) parameter.copy_(*from++);
  return copy;
}

}  // namespace

Sizes usual_sizes(std::int64_t multiple) {
  Sizes sizes;
  const auto rounded = [&](std::int64_t side) { return (side + multiple - 1) / multiple * multiple; };
  for (const auto& [height, width] : kSizes) sizes.emplace_back(rounded(height), rounded(width));
  return sizes;
}

std::vector<ParityCase> make_cases(const nn::StyleNet& net, const Sizes& sizes) {
  const torch::NoGradGuard no_grad;
  nn::StyleNet reference = in_double(net);
  std::vector<ParityCase> cases;
  for (const auto& [height, width] : sizes)
    for (const torch::Tensor& picture : {noise(height, width), gradient(height, width), smooth(height, width)}) {
      const torch::Tensor bytes = torch::floor(picture * 255 + 0.5);
      const torch::Tensor styled = reference->forward(bytes.to(torch::kFloat64)) / 255;
      cases.push_back({(bytes / 255).to(torch::kFloat32), styled.clamp(0, 1).to(torch::kFloat32)});
    }
  return cases;
}

std::vector<Parity> measure_parity(const Runtime& runtime, std::span<const ParityCase> cases) {
  const torch::NoGradGuard no_grad;
  std::vector<Parity> all;
  std::vector<double> squares;
  for (const ParityCase& one : cases) {
    const std::int64_t height = one.picture.size(2), width = one.picture.size(3);
    if (all.empty() || all.back().height != height || all.back().width != width) {
      all.push_back({.runtime = runtime.name, .height = height, .width = width});
      squares.push_back(0);
    }
    Parity& parity = all.back();
    const torch::Tensor found = runtime.run(one.picture);
    double largest = kInfinity, mean = kInfinity, square = kInfinity;
    if (found.sizes() == one.expected.sizes()) {
      const torch::Tensor difference = (found - one.expected).abs().to(torch::kFloat64);
      if (torch::isfinite(difference).all().item<bool>()) {
        largest = difference.max().item<double>();
        mean = difference.mean().item<double>();
        square = difference.square().mean().item<double>();
      }
    }
    parity.max_difference = std::max(parity.max_difference, largest);
    parity.mean_difference += mean;
    squares.back() += square;
    ++parity.pictures;
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto count = static_cast<double>(all[i].pictures);
    all[i].mean_difference /= count;
    all[i].psnr_db = psnr_db(squares[i] / count);
  }
  return all;
}

Runner runner_of(nn::StyleNet net) {
  return [net = std::move(net)](const torch::Tensor& x) mutable {
    return torch::clamp(net->forward(x * 255) / 255, 0, 1);
  };
}

double psnr_db(double mean_squared_difference) {
  return mean_squared_difference > 0 ? -10 * std::log10(mean_squared_difference) : kInfinity;
}

}  // namespace pocketstyle::exporting

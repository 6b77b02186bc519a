// SPDX-License-Identifier: Apache-2.0
#include "export/parity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace pocketstyle::exporting {
namespace {

constexpr std::array<std::pair<std::int64_t, std::int64_t>, 3> kSizes = {{{64, 64}, {97, 131}, {128, 75}}};
constexpr std::uint64_t kSeed = 20200501;

torch::Tensor noise(std::int64_t height, std::int64_t width) {
  auto generator = at::detail::createCPUGenerator(kSeed + static_cast<std::uint64_t>(height * 10000 + width));
  return torch::rand({1, 3, height, width}, generator);
}

torch::Tensor gradient(std::int64_t height, std::int64_t width) {
  const torch::Tensor down = torch::linspace(0, 1, height).view({1, 1, height, 1});
  const torch::Tensor right = torch::linspace(0, 1, width).view({1, 1, 1, width});
  return torch::cat({(down + right) / 2, (down + 1 - right) / 2, down * right}, 1);
}

/// Slow waves with a little noise on them, as in a photo.
torch::Tensor smooth(std::int64_t height, std::int64_t width) {
  const torch::Tensor down = torch::linspace(0, 7, height).view({1, 1, height, 1});
  const torch::Tensor right = torch::linspace(0, 9, width).view({1, 1, 1, width});
  const torch::Tensor waves = torch::cat(
      {torch::sin(down + right), torch::cos(1.7 * down - right), torch::sin(0.6 * right) * torch::cos(down)}, 1);
  return 0.5 + 0.4 * waves + 0.05 * (noise(height, width) - 0.5);
}

}  // namespace

Runner eager_runner(const nn::StyleNet& net) {
  return [copy = net](const torch::Tensor& x) mutable { return torch::clamp(copy->forward(x * 255) / 255, 0, 1); };
}

std::vector<Parity> measure_parity(const std::string& runtime, const Runner& runner, const Runner& reference) {
  const torch::NoGradGuard no_grad;
  std::vector<Parity> all;
  for (const auto& [height, width] : kSizes) {
    Parity parity{.runtime = runtime, .height = height, .width = width};
    for (const torch::Tensor& picture : {noise(height, width), gradient(height, width), smooth(height, width)}) {
      const torch::Tensor expected = reference(picture), found = runner(picture);
      double largest = std::numeric_limits<double>::infinity(), mean = largest;
      if (found.sizes() == expected.sizes()) {
        const torch::Tensor difference = (found - expected).abs().to(torch::kFloat64);
        if (torch::isfinite(difference).all().item<bool>()) {
          largest = difference.max().item<double>();
          mean = difference.mean().item<double>();
        }
      }
      parity.max_difference = std::max(parity.max_difference, largest);
      parity.mean_difference += mean;
      ++parity.pictures;
    }
    parity.mean_difference /= static_cast<double>(parity.pictures);
    all.push_back(std::move(parity));
  }
  return all;
}

}  // namespace pocketstyle::exporting

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/optimize/optimize.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/random.h"

#include <cmath>
#include <memory>
#include <numbers>

namespace pocketstyle::optimize {
namespace {

struct Enough {};  // leaves LibTorch's step early, which may need dozens of evaluations

// What is optimised is not the picture but z, with levels = kMiddle + kReach tanh(z / kReach): free levels go far
// beyond 0..255 for a strong style, and the saved picture had twice the loss that was reached.
constexpr double kMiddle = 127.5, kReach = kMiddle + 4;

torch::Tensor levels_of(const torch::Tensor& z) {
  return kMiddle + kReach * torch::tanh(z / kReach);
}
torch::Tensor from_levels(const torch::Tensor& levels) {
  return kReach * torch::atanh((levels - kMiddle) / kReach);
}
torch::Tensor slope_at(const torch::Tensor& levels) {
  return 1 - ((levels - kMiddle) / kReach).square();
}

torch::Tensor first_picture(const torch::Tensor& photo, const Options& options) {
  torch::Tensor picture = photo.detach().clone();
  if (options.start == Start::noise) {
    CounterRandom random(options.seed, 0);
    auto* value = picture.data_ptr<float>();
    for (std::int64_t i = 0; i < picture.numel(); ++i) value[i] = 255 * random.unit();
  }
  return picture;
}

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const torch::Tensor& z, const Options& options) {
  const std::vector<torch::Tensor> parameters{z};
  if (options.method == Method::adam)
    return std::make_unique<torch::optim::Adam>(parameters, torch::optim::AdamOptions(options.learning_rate));
  return std::make_unique<torch::optim::LBFGS>(parameters, torch::optim::LBFGSOptions(1)
                                                               .max_iter(options.evaluations)
                                                               .max_eval(options.evaluations)
                                                               .history_size(options.history)
                                                               .line_search_fn("strong_wolfe"));
}

}  // namespace

Optimized optimize(const loss::PerceptualLoss& loss, const torch::Tensor& photo_nchw255, const Options& options,
                   const std::function<bool(const Progress&)>& report) {
  const loss::ContentFeatures photo = loss.content_features(photo_nchw255);
  torch::Tensor z = from_levels(first_picture(photo_nchw255, options));
  const auto optimizer = make_optimizer(z, options);
  Optimized result;
  Progress progress;
  const auto evaluate = [&] {
    if (progress.evaluations == options.evaluations) throw Enough();
    const torch::Tensor picture = levels_of(z);
    const loss::LossGradient found = loss.gradient(picture, photo);
    z.mutable_grad() = (found.gradient * slope_at(picture)).contiguous();  // L-BFGS needs a flat view of it
    progress.now = found.terms;
    ++progress.evaluations;
    if (!std::isfinite(progress.now.total()))
      throw RuntimeFailure("the loss of the picture is not finite at evaluation {}", progress.evaluations);
    if (progress.evaluations == 1) result.start = progress.now;
    if (progress.evaluations == 1 || progress.now.total() < progress.best.total()) {
      progress.best = progress.now;
      result.picture_nchw255 = picture;
    }
    if (!report(progress)) throw Enough();
    return torch::tensor(progress.now.total(), torch::kFloat64);
  };
  try {
    while (true) {
      if (options.method == Method::adam) {
        const double done = static_cast<double>(progress.evaluations) / static_cast<double>(options.evaluations);
        optimizer->param_groups().front().options().set_lr(options.learning_rate * 0.5 *
                                                           (1 + std::cos(std::numbers::pi * done)));
      }
      optimizer->step(evaluate);
    }
  } catch (const Enough&) {
  }
  result.best = progress.best;
  result.evaluations = progress.evaluations;
  return result;
}

run::LossTerms losses_of(const loss::PerceptualLoss& loss, const torch::Tensor& picture_nchw255,
                         const loss::ContentFeatures& photo) {
  const torch::NoGradGuard no_grad;
  return loss(picture_nchw255, photo).values();
}

}  // namespace pocketstyle::optimize

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/evaluate/lpips.h"
#include "pocketstyle/evaluate/nima.h"
#include "pocketstyle/evaluate/picture_metrics.h"
#include "pocketstyle/loss/perceptual_loss.h"
#include "pocketstyle/media/quality.h"
#include "pocketstyle/optimize/optimize.h"
#include "pocketstyle/run/loss_terms.h"

#include <torch/torch.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace pocketstyle::evaluate {

/// The models that metrics need; nullptr: missing.
struct Instruments {
  std::unique_ptr<const loss::PerceptualLoss> loss;
  torch::Tensor style_nchw255;  ///< the first style picture, as trained on
  std::unique_ptr<const Nima> nima;
  std::unique_ptr<const Lpips> lpips;
  std::unique_ptr<const media::Brisque> brisque;
  std::int64_t optimizing = 0;  ///< evaluations for optimising a picture per photo; 0: none is optimised
};

/// A picture to measure. Intermediate results that several metrics share are computed on first use.
class Sample {
 public:
  /// A photo.
  Sample(const Instruments& instruments, torch::Tensor picture_nchw255)
      : instruments_(instruments), picture_(std::move(picture_nchw255)) {}
  /// A network's output for a photo; both must outlive it.
  Sample(Sample& photo, const Stylise& stylise)
      : instruments_(photo.instruments_), picture_(stylise(photo.picture_)), photo_(&photo), stylise_(&stylise) {}

  [[nodiscard]] const Instruments& instruments() const { return instruments_; }
  [[nodiscard]] const torch::Tensor& picture() const { return picture_; }
  /// VGG-16 features at all four taps.
  const std::vector<torch::Tensor>& features() {
    if (features_.empty()) features_ = instruments_.loss->vgg().features(picture_, nn::VggTap::relu4_3);
    return features_;
  }
  const std::optional<Nima::Score>& nima() {
    if (!nima_ && instruments_.nima) nima_ = instruments_.nima->score(picture_);
    return nima_;
  }

  // Only for a photo:
  /// The loss of the photo itself as the result.
  const run::LossTerms& unchanged_loss() {
    if (!unchanged_) unchanged_ = instruments_.loss->terms(picture_, features(), features()).values();
    return *unchanged_;
  }
  /// The loss of the picture that optimize::optimize makes of it, as saved.
  double optimized_loss() {
    if (!optimized_) {
      const torch::AutoGradMode with_gradients(true);
      optimize::Options options;
      options.evaluations = instruments_.optimizing;
      const auto best = optimize::optimize(*instruments_.loss, picture_, options, [](const auto&) { return true; });
      optimized_ =
          optimize::losses_of(*instruments_.loss, best.picture_nchw255.clamp(0, 255).round(), features()).total();
    }
    return *optimized_;
  }

  // Only for a network's output:
  [[nodiscard]] Sample& photo() const { return *photo_; }
  [[nodiscard]] const Stylise& stylise() const { return *stylise_; }
  const run::LossTerms& loss() {
    if (!loss_) loss_ = instruments_.loss->terms(picture_, features(), photo_->features()).values();
    return *loss_;
  }

 private:
  const Instruments& instruments_;
  torch::Tensor picture_;
  Sample* photo_ = nullptr;
  const Stylise* stylise_ = nullptr;
  std::vector<torch::Tensor> features_;
  std::optional<Nima::Score> nima_;
  std::optional<run::LossTerms> loss_, unchanged_;
  std::optional<double> optimized_;
};

}  // namespace pocketstyle::evaluate

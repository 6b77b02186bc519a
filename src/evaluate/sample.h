// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/evaluate/nima.h"
#include "pocketstyle/evaluate/picture_metrics.h"
#include "pocketstyle/loss/perceptual_loss.h"
#include "pocketstyle/media/quality.h"
#include "pocketstyle/run/loss_terms.h"

#include <torch/torch.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace pocketstyle::evaluate {

/// What metrics are measured with; nullptr: it is missing.
struct Instruments {
  std::unique_ptr<const loss::PerceptualLoss> loss;
  std::unique_ptr<const Nima> nima;
  std::unique_ptr<const media::Brisque> brisque;
};

/// A picture that is measured. What several metrics need of it is made when the first one asks.
class Sample {
 public:
  /// A photo.
  Sample(const Instruments& instruments, torch::Tensor picture_nchw255)
      : instruments_(instruments), picture_(std::move(picture_nchw255)) {}
  /// What a network makes of a photo; both must outlive it.
  Sample(Sample& photo, const Stylise& stylise)
      : instruments_(photo.instruments_), picture_(stylise(photo.picture_)), photo_(&photo), stylise_(&stylise) {}

  [[nodiscard]] const Instruments& instruments() const { return instruments_; }
  [[nodiscard]] const torch::Tensor& picture() const { return picture_; }
  /// VGG-16's, at all four taps.
  const std::vector<torch::Tensor>& features() {
    if (features_.empty()) features_ = instruments_.loss->vgg().features(picture_, nn::VggTap::relu4_3);
    return features_;
  }
  const std::optional<Nima::Score>& nima() {
    if (!nima_ && instruments_.nima) nima_ = instruments_.nima->score(picture_);
    return nima_;
  }

  // Only of what a network made:
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
  std::optional<run::LossTerms> loss_;
};

}  // namespace pocketstyle::evaluate

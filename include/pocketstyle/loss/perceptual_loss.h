// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/nn/vgg16.h"
#include "pocketstyle/run/loss_terms.h"

#include <torch/torch.h>

#include <optional>
#include <vector>

namespace pocketstyle::loss {

/// The perceptual loss's terms of one evaluation, each already times its weight; scalar tensors, differentiable when
/// the output is. Terms that it does not have are undefined tensors.
struct TensorTerms : run::LossTermsOf<torch::Tensor> {
  [[nodiscard]] torch::Tensor total() const;
  [[nodiscard]] run::LossTerms values() const;
};

/// The terms' values and the gradient of their sum, float32 [N, 3, H, W].
struct LossGradient {
  run::LossTerms terms;
  torch::Tensor gradient;
};

/// What another network made of the same photos, and how much it counts (config::TeacherConfig): mean squared
/// differences to its pictures and to their features at relu2_2 and relu3_3.
struct DistillationTarget {
  torch::Tensor pictures_nchw255;
  double output = 0, features = 0;
};

/// Features of the content photos, by tap up to the last one that has a share of the content loss, or further.
using ContentFeatures = std::vector<torch::Tensor>;

/// Johnson's perceptual loss (2016, section 3) against style pictures, in the units of docs/formats.md:
/// content: MSE of relu2_2; style: MSE of Gram/(C*H*W) summed over relu1_2, relu2_2, relu3_3, relu4_3;
/// tv: sum of squared neighbour differences a picture. The configuration may weigh the layers otherwise. The styles'
/// Grams are computed once, here; those of several styles are averaged.
class PerceptualLoss {
 public:
  /// `styles_nchw255`: float [1, 3, H, W] each, RGB 0..255; `shares`: one each, summing to 1, or none: equal.
  /// config.style must be set, or set_style_weight() called before anything else: strength is loss/load.h's.
  /// `compute_type`, float32 or bfloat16, is what gradient() runs VGG-16 in; Gram matrices, sums and everything else
  /// are float32 all the same.
  PerceptualLoss(const config::LossConfig& config, nn::Vgg16 vgg, const std::vector<torch::Tensor>& styles_nchw255,
                 torch::ScalarType compute_type = torch::kFloat32, const std::vector<double>& shares = {});

  /// Without gradient: what `operator()` compares against.
  [[nodiscard]] ContentFeatures content_features(const torch::Tensor& photos_nchw255) const;

  /// The same as operator() and a backward from its total, with the derivatives written out (VggPass): what training
  /// does. `photos_nchw255` are the content.
  [[nodiscard]] LossGradient gradient(const torch::Tensor& output_nchw255, const torch::Tensor& photos_nchw255,
                                      const std::optional<DistillationTarget>& distillation = {}) const;

  /// The same again and again for one photo, whose features content_features() gave.
  [[nodiscard]] LossGradient gradient(const torch::Tensor& output_nchw255, const ContentFeatures& content_features,
                                      const std::optional<DistillationTarget>& distillation = {}) const;

  /// `output_nchw255`: what the network made of the photos, [N, 3, H, W].
  [[nodiscard]] TensorTerms operator()(const torch::Tensor& output_nchw255,
                                       const ContentFeatures& content_features) const;

  /// The same, where the output's features up to relu4_3 are there already.
  [[nodiscard]] TensorTerms terms(const torch::Tensor& output_nchw255,
                                  const std::vector<torch::Tensor>& output_features,
                                  const ContentFeatures& content_features) const;

  /// The style term of these pictures [N, 3, H, W] with a weight of 1, mean over them.
  [[nodiscard]] double unweighted_style(const torch::Tensor& pictures_nchw255) const;
  /// Replaces config.style.
  void set_style_weight(double weight) { config_.style = weight; }
  [[nodiscard]] double style_weight() const { return *config_.style; }

  [[nodiscard]] const nn::Vgg16& vgg() const { return vgg_; }

 private:
  /// Features that the output's are pulled to, and how strongly.
  struct FeatureTarget {
    nn::VggTap tap;
    torch::Tensor features;
    double weight;
    double* value;  ///< the term it belongs to
  };
  [[nodiscard]] std::vector<FeatureTarget> feature_targets(const ContentFeatures& content_features,
                                                           const std::optional<DistillationTarget>& distillation,
                                                           run::LossTerms& terms) const;
  [[nodiscard]] torch::Tensor unweighted_style_term(std::size_t tap, const torch::Tensor& features) const;
  [[nodiscard]] torch::Tensor style_term(std::size_t tap, const torch::Tensor& features) const;
  /// Adds the gradient of one tap's style term to `gradient`; returns the term.
  double add_style(std::size_t tap, const torch::Tensor& features, torch::Tensor& gradient) const;

  config::LossConfig config_;
  nn::Vgg16 vgg_, compute_vgg_;
  std::vector<torch::Tensor> style_grams_;
  std::optional<nn::VggTap> last_content_tap_;
};

}  // namespace pocketstyle::loss

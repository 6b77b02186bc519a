// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/nn/vgg16.h"
#include "pocketstyle/run/loss_terms.h"

#include <torch/torch.h>

#include <optional>
#include <vector>

namespace pocketstyle::loss {

/// The perceptual loss's terms of one evaluation, each multiplied by its weight; scalar tensors, differentiable when
/// the output is. Terms that are not part of the loss are undefined tensors.
struct TensorTerms : run::LossTermsOf<torch::Tensor> {
  [[nodiscard]] torch::Tensor total() const;
  [[nodiscard]] run::LossTerms values() const;
};

/// The terms' values and the gradient of their sum, float32 [N, 3, H, W].
struct LossGradient {
  run::LossTerms terms;
  torch::Tensor gradient;
};

/// Another network's output for the same photos, and its weights in the loss (config::TeacherConfig): mean squared
/// differences from that output and from its features at relu2_2 and relu3_3.
struct DistillationTarget {
  torch::Tensor pictures_nchw255;
  double output = 0, features = 0;
};

/// Features of the content photos, by tap, at least up to the last one with a weight in the content loss.
using ContentFeatures = std::vector<torch::Tensor>;

/// Johnson's perceptual loss (2016, section 3) against style pictures, in the units of docs/formats.md: content: MSE of
/// relu2_2; style: MSE of Gram/(C*H*W) summed over relu1_2, relu2_2, relu3_3, relu4_3; tv: sum of squared differences
/// between neighbours, per picture. The configuration may weight the layers differently. The Gram matrices of the
/// styles are computed once, in the constructor, and averaged over several styles.
class PerceptualLoss {
 public:
  /// `styles_nchw255`: float [1, 3, H, W] each, RGB 0..255; `shares`: one per style, summing to 1, or empty: equal.
  /// `config.style` may be unset; set_style_weight() must then be called before any loss is computed (load_loss()
  /// derives it from `config.strength`). gradient() runs VGG-16 in `compute_type`, float32 or bfloat16, and by
  /// `method`; Gram matrices, sums and everything else are always float32, and direct.
  PerceptualLoss(const config::LossConfig& config, nn::Vgg16 vgg, const std::vector<torch::Tensor>& styles_nchw255,
                 torch::ScalarType compute_type = torch::kFloat32, const std::vector<double>& shares = {},
                 nn::VggMethod method = nn::VggMethod::winograd);

  /// Content features, without gradient, for `operator()`.
  [[nodiscard]] ContentFeatures content_features(const torch::Tensor& photos_nchw255) const;

  /// The same as operator() and a backward pass from its total, with hand-written derivatives (VggPass): used in
  /// training. `photos_nchw255` are the content.
  [[nodiscard]] LossGradient gradient(const torch::Tensor& output_nchw255, const torch::Tensor& photos_nchw255,
                                      const std::optional<DistillationTarget>& distillation = {}) const;

  /// The same for repeated calls with one photo, whose features come from content_features().
  [[nodiscard]] LossGradient gradient(const torch::Tensor& output_nchw255, const ContentFeatures& content_features,
                                      const std::optional<DistillationTarget>& distillation = {}) const;

  /// `output_nchw255`: the network's output for the photos, [N, 3, H, W].
  [[nodiscard]] TensorTerms operator()(const torch::Tensor& output_nchw255,
                                       const ContentFeatures& content_features) const;

  /// The same, for output features up to relu4_3 that are already computed.
  [[nodiscard]] TensorTerms terms(const torch::Tensor& output_nchw255,
                                  const std::vector<torch::Tensor>& output_features,
                                  const ContentFeatures& content_features) const;

  /// The style term of these pictures [N, 3, H, W] with a weight of 1, mean over them.
  [[nodiscard]] double unweighted_style(const torch::Tensor& pictures_nchw255) const;
  /// Replaces config.style.
  void set_style_weight(double weight) { config_.style = weight; }
  /// Throws std::logic_error if there is no style weight yet.
  [[nodiscard]] double style_weight() const;

  [[nodiscard]] const nn::Vgg16& vgg() const { return vgg_; }

 private:
  /// A target for the output's features, and its weight.
  struct FeatureTarget {
    nn::VggTap tap;
    torch::Tensor features;
    double weight;
    double* value;  ///< the loss term it is added to
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

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/nn/vgg16.h"

#include <torch/torch.h>

#include <vector>

namespace pocketstyle::loss {

/// The terms of one evaluation, each already times its weight; scalar tensors, differentiable when the output is.
struct LossTerms {
  torch::Tensor content, style, tv;
  [[nodiscard]] torch::Tensor total() const { return content + style + tv; }
};

/// The terms' weighted values and the gradient of their sum, float32 [N, 3, H, W].
struct LossGradient {
  double content = 0, style = 0, tv = 0;
  torch::Tensor gradient;
};

/// Johnson's perceptual loss (2016, section 3) against one style picture, in the units of docs/formats.md:
/// content: MSE of relu2_2; style: MSE of Gram/(C*H*W) summed over relu1_2, relu2_2, relu3_3, relu4_3;
/// tv: sum of squared neighbour differences a picture. The style's Grams are computed once, here.
class PerceptualLoss {
 public:
  /// `style_nchw255`: float [1, 3, H, W], RGB 0..255. `compute_type`, float32 or bfloat16, is what gradient() runs
  /// VGG-16 in; Gram matrices, sums and everything else are float32 all the same.
  PerceptualLoss(const config::LossConfig& config, nn::Vgg16 vgg, const torch::Tensor& style_nchw255,
                 torch::ScalarType compute_type = torch::kFloat32);

  /// Features of the content photos at relu2_2, without gradient: what `operator()` compares against.
  [[nodiscard]] torch::Tensor content_features(const torch::Tensor& photos_nchw255) const;

  /// The same as operator() and a backward from its total, with the derivatives written out (VggPass): what training
  /// does. `photos_nchw255` are the content.
  [[nodiscard]] LossGradient gradient(const torch::Tensor& output_nchw255, const torch::Tensor& photos_nchw255) const;

  /// `output_nchw255`: what the network made of the photos, [N, 3, H, W].
  [[nodiscard]] LossTerms operator()(const torch::Tensor& output_nchw255, const torch::Tensor& content_features) const;

  [[nodiscard]] const nn::Vgg16& vgg() const { return vgg_; }

 private:
  /// Adds the gradient of one tap's style term to `gradient`; returns the term, not yet weighted.
  double add_style(std::size_t tap, const torch::Tensor& features, torch::Tensor& gradient) const;

  config::LossConfig config_;
  nn::Vgg16 vgg_, compute_vgg_;
  std::vector<torch::Tensor> style_grams_;
};

}  // namespace pocketstyle::loss

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

/// Johnson's perceptual loss (2016, section 3) against one style picture, in the units of docs/formats.md:
/// content: MSE of relu2_2; style: MSE of Gram/(C*H*W) summed over relu1_2, relu2_2, relu3_3, relu4_3;
/// tv: sum of squared neighbour differences a picture. The style's Grams are computed once, here.
class PerceptualLoss {
 public:
  /// `style_nchw255`: float [1, 3, H, W], RGB 0..255.
  PerceptualLoss(const config::LossConfig& config, nn::Vgg16 vgg, const torch::Tensor& style_nchw255);

  /// Features of the content photos at relu2_2, without gradient: what `operator()` compares against.
  [[nodiscard]] torch::Tensor content_features(const torch::Tensor& photos_nchw255) const;

  /// `output_nchw255`: what the network made of the photos, [N, 3, H, W].
  [[nodiscard]] LossTerms operator()(const torch::Tensor& output_nchw255, const torch::Tensor& content_features) const;

  [[nodiscard]] const nn::Vgg16& vgg() const { return vgg_; }

 private:
  config::LossConfig config_;
  nn::Vgg16 vgg_;
  std::vector<torch::Tensor> style_grams_;
};

}  // namespace pocketstyle::loss

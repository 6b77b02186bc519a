// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <functional>
#include <vector>

// Measures of one picture. Pictures are float [1, 3, H, W], RGB 0..255; luminance is that of ITU-R BT.601. All throw
// RuntimeFailure on a picture that is too small for them. docs/evaluation.md says what good values are.
namespace pocketstyle::evaluate {

/// A network: a picture to a picture of the same size.
using Stylise = std::function<torch::Tensor(const torch::Tensor& picture_nchw255)>;

/// Structural similarity of luminance (Wang et al. 2004): 11x11 Gaussian of 1.5 pixels, K 0.01 and 0.03, mean over
/// where the window lies inside. 1 for equal pictures.
double ssim(const torch::Tensor& a, const torch::Tensor& b);

/// Squared distance of features that have unit length at each position, mean over positions, mean over taps (Zhang et
/// al. 2018 without their learned weights); 0 to 2. Each tap: [1, C, H, W], not negative.
double vgg_distance(const std::vector<torch::Tensor>& a, const std::vector<torch::Tensor>& b);

/// Mean luminance of the outermost 4 pixels minus that of the 12 pixels inside them, minus the same of the photo, in
/// levels of 255. Negative: a dark frame.
double border_line(const torch::Tensor& output, const torch::Tensor& photo);

/// Power of luminance at the frequencies of periods 2 and 4 pixels (all pairs of 0, 1/4 and 1/2, but the mean) over the
/// median of their neighbours', mean over frequencies; from Hann windows of 64 pixels that overlap by half. 1: no grid.
double grid_energy(const torch::Tensor& picture);

/// What the border does to the picture, in levels of 255: the photo without 32 pixels a side through the network,
/// against the same pixels of the whole photo's result. Root mean square over the outermost 8 pixels beyond that in the
/// inner half, in quadrature: cropping also changes the statistics that instance norm takes over the picture, which the
/// inner half shows alone. 0: none; negative where the inner half differs more.
double border_error(const Stylise& stylise, const torch::Tensor& photo, const torch::Tensor& output);

/// The photo and the photo moved by a pixel along both axes, stylised and moved back: mean absolute difference, in
/// levels of 255.
double flicker(const Stylise& stylise, const torch::Tensor& photo);

}  // namespace pocketstyle::evaluate

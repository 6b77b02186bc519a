// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <functional>
#include <vector>

// Metrics of one picture. Pictures are float [1, 3, H, W], RGB 0..255; luminance is as in ITU-R BT.601. All throw
// RuntimeFailure on a picture that is too small. docs/evaluation.md says what good values are.
namespace pocketstyle::evaluate {

/// A network as a function from a picture to a picture of the same size.
using Stylise = std::function<torch::Tensor(const torch::Tensor& picture_nchw255)>;

/// Structural similarity of luminance (Wang et al. 2004): 11x11 Gaussian with a deviation of 1.5 pixels, K 0.01 and
/// 0.03, mean over all positions where the window is inside the picture. 1 for identical pictures.
double ssim(const torch::Tensor& a, const torch::Tensor& b);

/// Squared distance between features normalised to unit length at each position, mean over positions, then over taps
/// (Zhang et al. 2018 without their learned weights); 0 to 2. Each tap: [1, C, H, W], not negative.
double vgg_distance(const std::vector<torch::Tensor>& a, const std::vector<torch::Tensor>& b);

/// Mean luminance of the outermost 4 pixels minus that of the next 12 pixels inwards, minus the same difference for the
/// photo, in levels of 255. Negative: a dark frame.
double border_line(const torch::Tensor& output, const torch::Tensor& photo);

/// How far the colour of one of the four sides stands out, in levels of 255: the largest difference, over sides and R,
/// G and B, of the mean of the outermost 4 pixels from that of the next 12 pixels inwards; minus the same for the
/// picture without its outermost 16 and 32 pixels (mean of both), since strokes alone make such differences. 0: not at
/// all.
double border_tint(const torch::Tensor& output);

/// Mean absolute difference of neighbouring pixels' luminance in the outermost 8 pixels over that of the next 24 pixels
/// inwards, over the same ratio of the photo: what can be seen at the border. 1: nothing; 0: the border is flat.
double border_detail(const torch::Tensor& output, const torch::Tensor& photo);

/// How far the histogram of luminance (0..255) is from that of another picture of any size: the first Wasserstein
/// distance, in levels. 0: the same brightness and contrast.
double luminance_distance(const torch::Tensor& a, const torch::Tensor& b);

/// The same for chroma, the largest minus the smallest of R, G and B. 0: as colourful as the other picture.
double chroma_distance(const torch::Tensor& a, const torch::Tensor& b);

/// Power of luminance at the frequencies of periods 2 and 4 pixels (all pairs of 0, 1/4 and 1/2, except the mean)
/// divided by the median of the neighbouring frequencies' power, mean over frequencies; from Hann windows of 64 pixels
/// that overlap by half. 1: no grid.
double grid_energy(const torch::Tensor& picture);

/// The border's effect on the picture, in levels of 255: the result for the photo cropped by 32 pixels on each side,
/// compared with the same pixels of the whole photo's result. Root mean square difference over the outermost 8 pixels
/// in excess of that in the inner half, in quadrature: cropping also changes the statistics of instance norm, and the
/// inner half shows that effect alone. 0: none; negative where the inner half differs more.
double border_error(const Stylise& stylise, const torch::Tensor& photo, const torch::Tensor& output);

/// Stylises the photo and the photo shifted by one pixel along both axes, shifts the second result back: mean absolute
/// difference, in levels of 255.
double flicker(const Stylise& stylise, const torch::Tensor& photo);

}  // namespace pocketstyle::evaluate

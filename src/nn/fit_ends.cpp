// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/fit_ends.h"

#include <stdexcept>

namespace pocketstyle::nn {
namespace {

namespace F = torch::nn::functional;

/// The inputs of a convolution for each pixel of its result, in the order of its weights: float64 [N, pixels, inputs].
torch::Tensor inputs_of(const torch::Tensor& padded, std::int64_t kernel, std::int64_t stride) {
  return F::unfold(padded, F::UnfoldFuncOptions(kernel).stride(stride)).transpose(1, 2).to(torch::kFloat64);
}

/// A feature map as the rows of inputs_of(): float64 [N, pixels, channels].
torch::Tensor pixels_of(const torch::Tensor& map_nchw) {
  return map_nchw.flatten(2).transpose(1, 2).to(torch::kFloat64);
}

/// The matrix that minimises the squared difference between x * matrix and y, both [N, pixels, columns]; columns of x
/// that say nothing get weights near 0.
torch::Tensor least_squares(const torch::Tensor& x, const torch::Tensor& y) {
  constexpr double kRidge = 1e-6;  // of the mean square of x
  const torch::Tensor a = x.flatten(0, 1), gram = a.t().matmul(a);
  const torch::Tensor ridge = kRidge * gram.diagonal().mean() * torch::eye(gram.size(0), gram.options());
  return torch::linalg_solve(gram + ridge, a.t().matmul(y.flatten(0, 1)));
}

/// Replaces a convolution's weights by the rows of `matrix`, [inputs, out].
void set_weight(ConvLayer& conv, const torch::Tensor& matrix) {
  torch::Tensor& weight = conv->conv2d->weight;
  weight.copy_(matrix.t().reshape(weight.sizes()));
}

torch::Tensor reflected(const torch::Tensor& x, std::int64_t padding) {
  return torch::reflection_pad2d(x, {padding, padding, padding, padding});
}

/// The first convolution, for the second one's normalised result. Instance norm takes a mean off, so it is fitted
/// without one.
void fit_head(const StyleNet& from, StyleNet& into, const torch::Tensor& photos) {
  const torch::Tensor x = photos * kInputScale + kInputShift;
  const auto& layers = from->layers;
  const auto norm = [](const torch::Tensor& y) { return F::instance_norm(y); };
  const auto& affine = from->norms[0];
  torch::Tensor y = norm(from->convs[0]->forward(reflected(x, layers[0].padding())));
  y = torch::relu(y * affine->weight.view({1, -1, 1, 1}) + affine->bias.view({1, -1, 1, 1}));
  y = norm(from->convs[1]->forward(reflected(y, layers[1].padding())));
  const network::Layer& head = into->layers[0];
  const torch::Tensor inputs = inputs_of(reflected(x, head.padding()), head.kernel, head.stride);
  set_weight(into->convs[0], least_squares(inputs - inputs.mean(1, true), pixels_of(y)));
  into->norms[0]->weight.copy_(from->norms[1]->weight);
  into->norms[0]->bias.copy_(from->norms[1]->bias);
}

/// The output layer, for the picture; pixels at its edge are left out.
void fit_tail(const StyleNet& from, StyleNet& into, const torch::Tensor& photos) {
  const network::Layer& tail = into->layers.back();
  const std::int64_t edge = tail.padding();
  const auto inside = [edge](const torch::Tensor& x) {
    return x.narrow(2, edge, x.size(2) - 2 * edge).narrow(3, edge, x.size(3) - 2 * edge);
  };
  const torch::Tensor features = inside(into->output_features(photos));
  const torch::Tensor doubled = torch::upsample_nearest2d(features, {photos.size(2), photos.size(3)});
  torch::Tensor inputs = inputs_of(doubled, tail.kernel, tail.stride);
  inputs = torch::cat({inputs, torch::ones_like(inputs.narrow(2, 0, 1))}, 2);  // for the bias
  const torch::Tensor picture = (inside(StyleNet(from)->forward(photos)) - kOutputShift) / kOutputScale;
  const torch::Tensor matrix = least_squares(inputs, pixels_of(picture));
  set_weight(into->convs.back(), matrix.narrow(0, 0, matrix.size(0) - 1));
  into->convs.back()->conv2d->bias.copy_(matrix[-1]);
}

}  // namespace

bool can_fit_ends(const StyleNet& from, const StyleNet& into) {
  return from->architecture.full_size() && !into->architecture.full_size() &&
         from->architecture.widths[1] == into->architecture.widths[1];
}

void fit_ends(const StyleNet& from, StyleNet& into, const torch::Tensor& photos_nchw255) {
  if (!can_fit_ends(from, into)) throw std::logic_error("fit_ends: networks that cannot be fitted");
  const torch::NoGradGuard no_grad;
  fit_head(from, into, photos_nchw255);
  fit_tail(from, into, photos_nchw255);
}

}  // namespace pocketstyle::nn

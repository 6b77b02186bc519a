// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/evaluate.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/random.h"
#include "pocketstyle/data/photos.h"
#include "pocketstyle/export/runtime.h"
#include "pocketstyle/loss/perceptual_loss.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/media/tensor.h"

#include <algorithm>

namespace pocketstyle::evaluate {
namespace {

constexpr std::uint64_t kResamples = 2000, kBootstrapSeed = 95;
constexpr double kTail = 0.025;  // each side of a 95% interval

}  // namespace

PhotoLoss Evaluation::mean() const {
  PhotoLoss sum;
  for (const PhotoLoss& photo : photos) {
    sum.content += photo.content;
    sum.style += photo.style;
    sum.tv += photo.tv;
  }
  const auto count = static_cast<double>(photos.size());
  return {sum.content / count, sum.style / count, sum.tv / count};
}

std::vector<Evaluation> evaluate(const config::Config& config, std::span<const std::filesystem::path> files) {
  const torch::NoGradGuard no_grad;
  std::vector<exporting::LoadedFile> loaded;  // first, since a wrong file should not show after a minute
  loaded.reserve(files.size());
  for (const std::filesystem::path& path : files) loaded.push_back(exporting::load_file(path));
  const std::vector<torch::Tensor> photos = data::load_held_out(config.data);
  if (photos.empty()) throw UsageError("data.held_out: expected a folder of photos to evaluate on");
  const media::Image style = media::resize_long_side(media::load_image(config.style.image), config.style.size);
  const loss::PerceptualLoss loss(config.loss, nn::Vgg16(config.loss.vgg, torch::kCPU),
                                  media::to_tensor_nchw255(style));
  std::vector<torch::Tensor> features;
  features.reserve(photos.size());
  for (const torch::Tensor& photo : photos) features.push_back(loss.content_features(photo));

  std::vector<Evaluation> all;
  for (std::size_t f = 0; f < files.size(); ++f) {
    Evaluation evaluation{.file = files[f].string(), .photos = {}};
    for (std::size_t i = 0; i < photos.size(); ++i) {
      const loss::LossTerms terms = loss(loaded[f].runtimes.front().run(photos[i] / 255) * 255, features[i]);
      evaluation.photos.push_back({terms.content.item<double>(), terms.style.item<double>(), terms.tv.item<double>()});
    }
    all.push_back(std::move(evaluation));
  }
  return all;
}

Difference compare(const Evaluation& evaluation, const Evaluation& baseline) {
  const std::size_t count = baseline.photos.size();
  if (evaluation.photos.size() != count || count == 0)
    throw UsageError("evaluate: expected both on the same photos, found {} and {}", evaluation.photos.size(), count);
  const auto percent = [&](const auto& index_of) {
    double ours = 0, theirs = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t photo = index_of(i);
      ours += evaluation.photos[photo].total();
      theirs += baseline.photos[photo].total();
    }
    return 100 * (ours / theirs - 1);
  };
  std::vector<double> resampled;
  for (std::uint64_t n = 0; n < kResamples; ++n) {
    CounterRandom random(kBootstrapSeed, n);
    resampled.push_back(percent([&](std::size_t) {
      return static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(count) - 1));
    }));
  }
  std::sort(resampled.begin(), resampled.end());
  const auto at = [&](double share) {
    return resampled[static_cast<std::size_t>(share * static_cast<double>(kResamples - 1))];
  };
  return {percent([](std::size_t i) { return i; }), at(kTail), at(1 - kTail)};
}

}  // namespace pocketstyle::evaluate

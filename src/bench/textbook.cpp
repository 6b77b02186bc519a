// SPDX-License-Identifier: Apache-2.0
#include "bench/textbook.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/laps.h"
#include "pocketstyle/data/style.h"
#include "pocketstyle/loss/load.h"
#include "pocketstyle/loss/terms.h"
#include "pocketstyle/train/soap.h"

namespace pocketstyle::bench {
namespace {

/// The network of nn/style_net.h, built from LibTorch's own operators, for sides that are multiples of 4.
torch::Tensor forward(nn::StyleNet& net, const torch::Tensor& photos) {
  torch::Tensor y = photos * nn::kInputScale + nn::kInputShift, block_input;
  for (std::size_t i = 0; i < net->layers.size(); ++i) {
    const network::Layer& layer = net->layers[i];
    if (layer.begins_block) block_input = y;
    if (layer.doubles) y = torch::upsample_nearest2d(y, {2 * y.size(2), 2 * y.size(3)});
    if (const std::int64_t p = layer.padding(); p > 0) y = torch::reflection_pad2d(y, {p, p, p, p});
    y = net->convs[i]->conv2d->forward(y);
    if (!layer.is_output()) y = net->norms[i]->forward(y);
    if (layer.relu) y = torch::relu(y);
    if (layer.ends_block) y = block_input + y;
  }
  return y * nn::kOutputScale + nn::kOutputShift;
}

}  // namespace

void check_textbook(const config::Config& config) {
  const config::Config usual;
  std::vector<std::string> asked;
  const auto check = [&](bool differs, const char* key) {
    if (differs) asked.emplace_back(key);
  };
  check(!config.style.more.empty(), "style.more");
  check(config.data.small_crop > 0, "data.small_crop");
  check(config.loss.content_layers != usual.loss.content_layers, "loss.content_layers");
  check(config.loss.style_layers != usual.loss.style_layers, "loss.style_layers");
  check(!config.teacher.net.empty(), "teacher.net");
  check(config.temporal.weight > 0, "temporal.weight");
  check(config.train.accumulate > 1, "train.accumulate");
  check(config.train.ema > 0, "train.ema");
  if (!asked.empty())
    throw UsageError("--baseline: the textbook loop does not do what {} ask{} for; leave that out, or --baseline",
                     fmt::join(asked, ", "), asked.size() == 1 ? "s" : "");
}

TextbookLoop::TextbookLoop(const config::Config& config)
    : config_(config),
      net_((torch::manual_seed(static_cast<std::uint64_t>(config.run.seed)), config.net.architecture())),
      vgg_(nn::Vgg16(config.loss.vgg).to(torch::kFloat32, torch::MemoryFormat::Contiguous)),
      adam_(net_->parameters(), torch::optim::AdamOptions(config.train.learning_rate)),
      style_(data::load_style(config).pictures_nchw255.front()),
      style_weight_(loss::load_loss(config, vgg_).style_weight()),
      batches_(config.data, config.train.batch, static_cast<std::uint64_t>(config.run.seed), 0) {}

std::vector<torch::Tensor> TextbookLoop::grams(const std::vector<torch::Tensor>& features) const {
  std::vector<torch::Tensor> all;
  for (const torch::Tensor& one : features) all.push_back(loss::gram_matrix(one));
  return all;
}

train::StepReport TextbookLoop::step() {
  Laps laps;
  train::StepReport report;
  adam_.zero_grad();
  const torch::Tensor photos = batches_.next();
  report.images = photos.size(0);
  report.seconds.data = laps.lap();
  const torch::Tensor picture = forward(net_, photos);
  const torch::Tensor output = picture + (picture.clamp(0, 255) - picture).detach();  // clamped as when saved
  report.seconds.forward = laps.lap();

  const auto wanted_style = grams(vgg_.features(style_, nn::VggTap::relu4_3));
  const auto wanted = vgg_.features(photos, nn::VggTap::relu4_3);
  const auto features = vgg_.features(output, nn::VggTap::relu4_3);
  const torch::Tensor content = config_.loss.content * torch::mse_loss(features[1], wanted[1]);
  torch::Tensor style = torch::zeros({});
  const auto found_style = grams(features);
  for (std::size_t i = 0; i < features.size(); ++i)
    style = style + style_weight_ * torch::mse_loss(found_style[i], wanted_style[i].expand_as(found_style[i]));
  const torch::Tensor tv = config_.loss.tv * loss::total_variation(output);
  const torch::Tensor grid = config_.loss.grid * loss::grid_pattern(output);
  report.loss = {.content = content.item<double>(),
                 .style = style.item<double>(),
                 .tv = tv.item<double>(),
                 .grid = grid.item<double>()};
  report.seconds.loss = laps.lap();
  (content + style + tv + grid).backward();
  report.seconds.backward = laps.lap();
  const auto parameters = net_->parameters();
  const double norm = train::gradient_norm(parameters);
  state_.update_gradient_norm(norm);
  ++state_.step;
  train::normalise_gradients(parameters, norm, state_.mean_gradient_norm, config_.train.clip);
  adam_.step();
  report.seconds.optimiser = laps.lap();
  return report;
}

}  // namespace pocketstyle::bench

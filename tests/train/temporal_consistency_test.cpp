// SPDX-License-Identifier: Apache-2.0
#include "train/temporal_consistency.h"

#include "support/catch.h"
#include "train/setup.h"

#include "pocketstyle/media/tensor.h"

#include <set>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;
using testing::same_weights;
using testing::Setup;

namespace {

torch::Tensor photos(std::int64_t count) {
  std::vector<torch::Tensor> all;
  for (std::int64_t i = 0; i < count; ++i)
    all.push_back(media::to_tensor_nchw255(testing::synthetic_photo(static_cast<std::uint64_t>(i), 24, 20)));
  return torch::cat(all);
}

}  // namespace

TEST_CASE("what is drawn for a sample depends on the seed and its number alone") {
  const config::TemporalConfig config{.weight = 1, .noise = 5, .shift = 3};
  const torch::Tensor all = photos(4);
  const train::Perturbation whole(config, 7, 10, all), part(config, 7, 12, all.narrow(0, 2, 2));
  CHECK(whole.photos().sizes() == torch::IntArrayRef({4, 3, 16, 20}));
  CHECK(torch::equal(whole.photos().narrow(0, 2, 2), part.photos()));
  CHECK(torch::equal(whole.window_of(all).narrow(0, 2, 2), part.window_of(all.narrow(0, 2, 2))));
  CHECK_FALSE(torch::equal(whole.photos(), train::Perturbation(config, 8, 10, all).photos()));
}

TEST_CASE("photos are moved up to the longest way, and their noise is no larger than asked for") {
  const torch::Tensor all = photos(2);
  std::set<std::pair<int, int>> corners;
  for (std::int64_t sample = 0; sample < 200; sample += 2) {
    const train::Perturbation moved({.weight = 1, .noise = 0, .shift = 2}, 1, sample, all);
    CHECK(torch::equal(moved.photos(), moved.window_of(all)));
    for (int top = 0; top <= 2; ++top)
      for (int left = 0; left <= 2; ++left)
        if (torch::equal(moved.photos()[0], all[0].narrow(1, top, 16).narrow(2, left, 20))) corners.emplace(top, left);
  }
  CHECK(corners.size() == 9);
  const train::Perturbation noisy({.weight = 1, .noise = 6, .shift = 0}, 1, 0, all);
  const torch::Tensor noise = noisy.photos() - all;
  CHECK(noise.abs().max().item<double>() <= 6.001);
  CHECK(noise.abs().mean().item<double>() == Approx(3).margin(0.5));
}

TEST_CASE("the temporal term is told, weighs as asked, and no validation loss has it") {
  const auto first_step = [](double weight) {
    Setup setup;
    setup.config.temporal.weight = weight;
    train::Trainer trainer(setup.config, false);
    return trainer.step().loss;
  };
  CHECK(first_step(0).temporal == 0);
  const run::LossTerms one = first_step(1), three = first_step(3);
  CHECK(one.temporal > 0);
  CHECK(three.temporal == Approx(3 * one.temporal));
  CHECK(one.style == Approx(first_step(0).style));
  CHECK(one.total() == Approx(one.content + one.style + one.tv + one.temporal));
}

TEST_CASE("a network that is trained for temporal consistency alone becomes steady") {
  Setup setup;
  setup.config.train.steps = 40;
  setup.config.loss.content = setup.config.loss.tv = 0;
  setup.config.loss.style = 0;
  setup.config.temporal = {.weight = 1, .noise = 20, .shift = 3};
  setup.config.run.evaluate_every = 0;
  const auto losses = testing::train_to_end(setup.config);
  CHECK(losses.back().temporal < 0.5 * losses.front().temporal);
}

TEST_CASE("a run with the temporal term goes on bit for bit, and only with the same one") {
  const testing::UnbrokenAndResumed runs(3, [](config::Config& config) { config.temporal.weight = 20; });
  CHECK(same_weights(runs.unbroken->net(), runs.resumed->net()));
  config::Config other = runs.second.config;
  other.temporal.noise = 1;
  CHECK(contains(error_of([&] { train::Trainer(other, true); }), "another temporal"));
}

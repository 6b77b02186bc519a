// SPDX-License-Identifier: Apache-2.0
#include "support/catch.h"

#include "pocketstyle/train/checkpoint.h"
#include "pocketstyle/train/schedule.h"
#include "pocketstyle/train/soap.h"

#include <torch/torch.h>

using namespace pocketstyle;

namespace {

torch::Tensor quadratic(const torch::Tensor& p) {
  return (p.square() * torch::arange(1, 7, torch::kFloat32)).sum();
}

}  // namespace

TEST_CASE("without bases, the steps are those of LibTorch's Adam", "[golden]") {
  torch::manual_seed(3);
  const torch::Tensor ours = torch::randn({6}).requires_grad_(true);
  const torch::Tensor theirs = ours.detach().clone().requires_grad_(true);
  train::Soap soap({ours});
  torch::optim::Adam reference({theirs}, torch::optim::AdamOptions(0.05));
  for (int step = 0; step < 20; ++step) {
    quadratic(ours).backward();
    soap.step(0.05);
    reference.zero_grad();
    quadratic(theirs).backward();
    reference.step();
  }
  CHECK(torch::allclose(ours, theirs, 1e-6, 1e-7));
  CHECK(soap.steps == 20);
}

namespace {

/// Kernels [out, in, 1, 1] of a convolution, and a quadratic loss whose axes lie across theirs: the squared difference
/// from a goal, turned by random rotations and weighted by 1 to 1,000.
struct Turned {
  torch::Tensor kernel = torch::zeros({6, 4, 1, 1}).requires_grad_(true);
  torch::Tensor goal = torch::randn({6, 4});
  torch::Tensor left = std::get<0>(torch::linalg_qr(torch::randn({6, 6})));
  torch::Tensor right = std::get<0>(torch::linalg_qr(torch::randn({4, 4})));
  torch::Tensor weight = torch::logspace(0, 3, 24).view({6, 4});

  [[nodiscard]] torch::Tensor loss() const {
    return (left.mm(kernel.view({6, 4}) - goal).mm(right).square() * weight).sum();
  }
  void train(train::Soap& soap, int steps) const {
    for (int step = 0; step < steps; ++step) {
      loss().backward();
      soap.step(0.1 * (1 - static_cast<double>(step) / steps));
    }
  }
};

}  // namespace

TEST_CASE("with bases, a loss whose axes lie across the kernel's falls faster") {
  torch::manual_seed(5);
  const Turned problem;
  train::Soap adam({problem.kernel});
  problem.train(adam, 100);
  const double by_adam = problem.loss().item<double>();
  {
    const torch::NoGradGuard no_grad;
    problem.kernel.zero_();
  }
  train::Soap soap({problem.kernel}, {}, 5);
  problem.train(soap, 100);
  CAPTURE(by_adam, problem.loss().item<double>());
  CHECK(problem.loss().item<double>() < by_adam / 3);
}

TEST_CASE("bases stay orthogonal, and follow their modes") {
  torch::manual_seed(5);
  const Turned problem;
  train::Soap soap({problem.kernel}, {}, 5);
  CHECK(soap.updates_bases());
  problem.train(soap, 12);
  CHECK_FALSE(soap.updates_bases());
  const auto state = soap.state(0);
  REQUIRE(state.size() == 6);  // a kernel of 1x1 has no third mode
  const std::vector<std::string> names = {"mean", "mean_square", "gram.0", "basis.0", "gram.1", "basis.1"};
  for (std::size_t i = 0; i < names.size(); ++i) CHECK(state[i].first == names[i]);
  for (const std::size_t at : {3, 5}) {
    const torch::Tensor& basis = state[at].second;
    CHECK(torch::allclose(basis.t().mm(basis), torch::eye(basis.size(0)), 1e-5, 1e-5));
  }
}

TEST_CASE("gradients are brought to their ratio to the running mean, and clipped there") {
  torch::Tensor a = torch::zeros({2}).requires_grad_(true), b = torch::zeros({1}).requires_grad_(true);
  a.mutable_grad() = torch::tensor({3.0F, 0.0F});
  b.mutable_grad() = torch::tensor({4.0F});
  CHECK(train::gradient_norm({a, b}) == 5.0);
  const auto scaled = [&](double mean, double limit) {
    a.mutable_grad() = torch::tensor({3.0F, 0.0F});
    b.mutable_grad() = torch::tensor({4.0F});
    train::normalise_gradients({a, b}, 5.0, mean, limit);
    return train::gradient_norm({a, b});
  };
  CHECK(scaled(2, 10) == Approx(2.5));
  CHECK(scaled(2, 0) == Approx(2.5));
  CHECK(scaled(2, 1.5) == Approx(1.5));
  CHECK(scaled(20, 1.5) == Approx(0.25));
  CHECK(scaled(0, 1.5) == 5.0);
}

TEST_CASE("the running mean of gradient norms is that of all at first, and then forgets") {
  train::TrainState state;
  for (const double norm : {4.0, 8.0, 6.0}) {
    state.update_gradient_norm(norm);
    ++state.step;
  }
  CHECK(state.mean_gradient_norm == Approx(6));
  for (int i = 0; i < 1000; ++i) {
    state.update_gradient_norm(1);
    ++state.step;
  }
  CHECK(state.mean_gradient_norm == Approx(1).margin(1e-6));
  state.update_gradient_norm(1e12);  // one strange batch
  CHECK(state.mean_gradient_norm == Approx(1.18));
}

TEST_CASE("the learning rate warms up and then falls along a cosine") {
  config::TrainConfig config;
  config.steps = 1001;
  config.warmup = 100;
  config.learning_rate = 1.0;
  config.final_rate = 0.02;
  CHECK(train::learning_rate(config, 0) == 0.01);
  CHECK(train::learning_rate(config, 99) == 1.0);
  CHECK(train::learning_rate(config, 100) == 1.0);
  CHECK(std::abs(train::learning_rate(config, 550) - 0.51) < 1e-12);
  CHECK(std::abs(train::learning_rate(config, 1000) - 0.02) < 1e-12);
  config.warmup = 0;
  config.steps = 1;
  CHECK(train::learning_rate(config, 0) == 1.0);
}

TEST_CASE("a parameter's rate is a factor of its steps") {
  const torch::Tensor a = torch::ones({3}).requires_grad_(true), b = torch::ones({3}).requires_grad_(true);
  train::Soap soap({a, b}, {1.0, 0.25});
  for (int step = 0; step < 3; ++step) {
    (a.square().sum() + b.square().sum()).backward();
    soap.step(1e-3);
  }
  CHECK(torch::allclose((1 - b).detach(), 0.25 * (1 - a).detach(), 1e-3, 1e-7));
}

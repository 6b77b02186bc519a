// SPDX-License-Identifier: Apache-2.0
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/train/adam.h"
#include "pocketstyle/train/schedule.h"
#include "pocketstyle/train/tensorboard.h"

#include <torch/torch.h>

using namespace pocketstyle;

namespace {

torch::Tensor quadratic(const torch::Tensor& p) {
  return (p.square() * torch::arange(1, 7, torch::kFloat32)).sum();
}

}  // namespace

TEST_CASE("our Adam takes the steps that LibTorch's takes", "[golden]") {
  torch::manual_seed(3);
  const torch::Tensor ours = torch::randn({6}).requires_grad_(true);
  const torch::Tensor theirs = ours.detach().clone().requires_grad_(true);
  train::Adam adam({ours});
  torch::optim::Adam reference({theirs}, torch::optim::AdamOptions(0.05));
  for (int step = 0; step < 20; ++step) {
    quadratic(ours).backward();
    adam.step(0.05);
    reference.zero_grad();
    quadratic(theirs).backward();
    reference.step();
  }
  CHECK(torch::allclose(ours, theirs, 1e-6, 1e-7));
  CHECK(adam.steps == 20);
}

TEST_CASE("clipping bounds the norm of all gradients together and leaves small ones alone") {
  torch::Tensor a = torch::zeros({2}).requires_grad_(true), b = torch::zeros({1}).requires_grad_(true);
  a.mutable_grad() = torch::tensor({3.0F, 0.0F});
  b.mutable_grad() = torch::tensor({4.0F});
  CHECK(train::gradient_norm({a, b}) == 5.0);
  train::clip_gradients({a, b}, 5.0, 10.0);
  CHECK(train::gradient_norm({a, b}) == 5.0);
  train::clip_gradients({a, b}, 5.0, 1.0);
  CHECK(std::abs(train::gradient_norm({a, b}) - 1.0) < 1e-6);
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

TEST_CASE("CRC-32C gives the published check value", "[golden]") {
  CHECK(train::crc32c("123456789") == 0xE3069283U);
}

TEST_CASE("TensorBoard records have matching lengths and checksums") {
  const testing::TempDir folder;
  { train::TensorBoardWriter(folder.path()).scalar("loss/total", 300, 1.5); }
  const auto path = std::filesystem::directory_iterator(folder.path())->path();
  const std::string bytes = read_file(path);
  const auto number = [&](std::size_t at, int count) {
    std::uint64_t value = 0;
    for (int i = 0; i < count; ++i)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]))
               << (8 * i);
    return value;
  };
  const auto masked = [](std::uint32_t crc) { return ((crc >> 15U) | (crc << 17U)) + 0xA282EAD8U; };
  int records = 0;
  for (std::size_t at = 0; at < bytes.size(); ++records) {
    const std::uint64_t length = number(at, 8);
    REQUIRE(at + 16 + length <= bytes.size());
    CHECK(number(at + 8, 4) == masked(train::crc32c(std::string_view(bytes).substr(at, 8))));
    CHECK(number(at + 12 + length, 4) == masked(train::crc32c(std::string_view(bytes).substr(at + 12, length))));
    at += 16 + length;
  }
  CHECK(records == 2);
  CHECK(testing::contains(bytes, "loss/total"));
  CHECK(testing::contains(bytes, "brain.Event:2"));
}

TEST_CASE("a parameter's rate is a factor of its steps") {
  const torch::Tensor a = torch::ones({3}).requires_grad_(true), b = torch::ones({3}).requires_grad_(true);
  train::Adam adam({a, b}, {1.0, 0.25});
  for (int step = 0; step < 3; ++step) {
    (a.square().sum() + b.square().sum()).backward();
    adam.step(1e-3);
  }
  CHECK(torch::allclose((1 - b).detach(), 0.25 * (1 - a).detach(), 1e-3, 1e-7));
}

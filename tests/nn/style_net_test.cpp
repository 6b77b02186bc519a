// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/style_net.h"

#include "support/catch.h"
#include "support/oversized_net.h"
#include "support/temp_dir.h"

#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/run/metadata.h"

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

const config::Architecture kTiny{3, {4, 6, 8}, config::BlockKind::bottleneck, 2, 4};

std::int64_t parameter_count(nn::StyleNet& net) {
  std::int64_t count = 0;
  for (const auto& parameter : net->parameters()) count += parameter.numel();
  return count;
}

}  // namespace

TEST_CASE("presets have exactly the parameters of the design") {
  struct Case {
    std::string preset;
    std::int64_t parameters;
  };
  const Case c = GENERATE(values<Case>({{"original", 1677635},
                                        {"bottleneck", 469315},
                                        {"slim", 354595},
                                        {"mini", 200475},
                                        {"micro", 110803},
                                        {"pocket", 110531}}));
  nn::StyleNet net(config::find_preset(c.preset).architecture);
  INFO(c.preset);
  CHECK(parameter_count(net) == c.parameters);
}

TEST_CASE("the output has the input's size, odd sizes too") {
  torch::manual_seed(1);
  nn::StyleNet net(kTiny);
  const torch::NoGradGuard no_grad;
  for (const std::int64_t height : {5, 6, 7, 8, 33, 64})
    for (const std::int64_t width : {5, 9, 31, 34})
      CHECK(net->forward(torch::rand({2, 3, height, width}) * 255).sizes() ==
            torch::IntArrayRef({2, 3, height, width}));
  CHECK_THROWS(net->forward(torch::rand({1, 3, 4, 8})));
  CHECK_THROWS(net->forward(torch::rand({1, 1, 8, 8})));
}

TEST_CASE("a network's picture and gradient are those of double precision, in bfloat16 roughly") {
  struct Case {
    torch::ScalarType type;
    double tolerance;  // share of the range; of the gradient's norm
    double gradient_tolerance;
  };
  const auto c = GENERATE(values<Case>({{torch::kFloat32, 1e-5, 1e-4}, {torch::kBFloat16, 2e-2, 1e-1}}));
  const config::Architecture architecture =
      GENERATE(values<config::Architecture>({{5, {8, 12, 16}, config::BlockKind::residual, 2, 0},
                                             {5, {8, 12, 16}, config::BlockKind::bottleneck, 2, 8},
                                             {5, {8, 12, 16}, config::BlockKind::separable, 2, 8},
                                             {7, {0, 12, 16}, config::BlockKind::bottleneck, 2, 8}}));
  const auto [height, width] = GENERATE(values<std::pair<int, int>>({{32, 48}, {21, 31}}));
  torch::manual_seed(3);
  nn::StyleNet net(architecture), exact(architecture);
  for (auto& item : net->named_parameters()) {
    if (item.key().find("in") == 0) torch::nn::init::normal_(item.value(), 1, 0.1);
  }
  exact->to(torch::kFloat64);
  const auto from = net->parameters(), to = exact->parameters();
  {
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < from.size(); ++i) to[i].copy_(from[i]);
  }
  net->compute_type = c.type;
  const torch::Tensor x = torch::rand({2, 3, height, width}) * 255, gradient = torch::randn({2, 3, height, width});
  const torch::Tensor found = net->forward(x), expected = exact->forward(x.to(torch::kFloat64));
  CHECK(found.scalar_type() == torch::kFloat32);
  CHECK(((found - expected).abs().mean() / 255).item<double>() < c.tolerance);
  found.backward(gradient);
  expected.backward(gradient.to(torch::kFloat64));
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    difference += (from[i].grad() - to[i].grad()).square().sum().item<double>();
    norm += to[i].grad().square().sum().item<double>();
  }
  CHECK(std::sqrt(difference / norm) < c.gradient_tolerance);
}

TEST_CASE("residual blocks start as the identity") {
  config::Architecture without = kTiny;
  without.blocks = 0;
  nn::StyleNet net(kTiny), bare(without);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : bare->named_parameters()) parameter.value().copy_(net->named_parameters()[parameter.key()]);
  const torch::Tensor x = torch::rand({1, 3, 24, 21}) * 255;
  CHECK(torch::equal(net->forward(x), bare->forward(x)));
}

TEST_CASE("weights come back equal and say what they are") {
  const testing::TempDir folder;
  torch::manual_seed(2);
  nn::StyleNet net(kTiny);
  nn::save_net(folder / "a.safetensors", net, {{"note", "hello"}});
  nn::LoadedNet loaded = nn::load_net(folder / "a.safetensors");
  CHECK(loaded.metadata.at("note") == "hello");
  CHECK(loaded.metadata.at(run::kFormatKey) == "weights 1");
  CHECK(loaded.net->architecture == kTiny);
  const torch::Tensor x = torch::rand({1, 3, 16, 16}) * 255;
  const torch::NoGradGuard no_grad;
  CHECK(torch::equal(net->forward(x), loaded.net->forward(x)));
}

TEST_CASE("a run folder stands for its final weights, unless the run went on after them") {
  const testing::TempDir folder;
  nn::StyleNet net(kTiny);
  const auto checkpoint = [&](std::int64_t step) {
    nn::save_net(run::checkpoint_path(folder.path(), step), net, {});
    return run::checkpoint_path(folder.path(), step);
  };
  const auto first = checkpoint(20);
  CHECK(nn::resolve_net_path(folder.path()) == first);
  nn::save_net(folder / run::kFinalWeightsName, net, {{run::kProvenanceKey, R"({"steps":20})"}});
  CHECK(nn::resolve_net_path(folder.path()) == folder / run::kFinalWeightsName);
  const auto later = checkpoint(120);
  CHECK(nn::resolve_net_path(folder.path()) == later);
}

TEST_CASE("weights of another network are refused, the tensor named") {
  const testing::TempDir folder;
  nn::StyleNet net(kTiny);
  nn::TensorFile file;
  nn::put_net(file, net);
  file.tensors.front().second = torch::zeros({1});
  nn::write_safetensors(folder / "a.safetensors", file);
  CHECK(contains(error_of([&] { nn::load_net(folder / "a.safetensors"); }), "expected shape [4, 3, 3, 3], found [1]"));
  file.tensors.erase(file.tensors.begin());
  nn::write_safetensors(folder / "a.safetensors", file);
  CHECK(contains(error_of([&] { nn::load_net(folder / "a.safetensors"); }), "is missing"));
  file.metadata.clear();
  nn::write_safetensors(folder / "a.safetensors", file);
  CHECK(contains(error_of([&] { nn::load_net(folder / "a.safetensors"); }), "not a pocketstyle network"));
  CHECK(contains(error_of([&] { nn::load_net(folder.path()); }), "found neither"));
}

TEST_CASE("a small file that claims a huge network is refused before the network is made") {
  const testing::TempDir folder;
  testing::write_oversized_net(folder / "a.safetensors");
  CHECK(contains(error_of([&] { nn::load_net(folder / "a.safetensors"); }), "is far too small for its network"));
}

TEST_CASE("Winograd's method changes neither pictures nor gradients, and notices new weights", "[winograd]") {
  torch::manual_seed(9);
  nn::StyleNet net(config::Architecture{3, {8, 16, 32}, config::BlockKind::residual, 1, 0});
  for (auto& norm : net->norms) torch::nn::init::ones_(norm->weight);  // so that the block counts
  const torch::Tensor x = torch::rand({2, 3, 64, 72}) * 255;
  const auto set = [&](bool winograd) {
    for (auto& conv : net->convs) conv->winograd = winograd;
  };
  const auto gradients = [&](bool winograd) {
    set(winograd);
    net->zero_grad();
    net->forward(x).square().mean().backward();
    std::vector<torch::Tensor> all;
    for (const auto& parameter : net->parameters()) all.push_back(parameter.grad().clone());
    return all;
  };
  const auto direct = gradients(false), fast = gradients(true);
  double difference_squared = 0, norm_squared = 0;  // of all: some gradients are nothing but rounding errors
  for (std::size_t i = 0; i < direct.size(); ++i) {
    difference_squared += (fast[i] - direct[i]).square().sum().item<double>();
    norm_squared += direct[i].square().sum().item<double>();
  }
  CHECK(std::sqrt(difference_squared / norm_squared) < 1e-3);

  net->eval();
  const torch::NoGradGuard no_grad;
  const auto difference = [&] {
    set(true);
    const torch::Tensor found = net->forward(x);
    set(false);
    return (found - net->forward(x)).abs().max().item<double>();
  };
  CHECK(difference() < 0.01);  // of 255
  for (auto& conv : net->convs) conv->conv2d->weight.mul_(torch::rand_like(conv->conv2d->weight));
  CHECK(difference() < 0.01);
}

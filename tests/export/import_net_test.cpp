// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/import_net.h"

#include "export/small_net.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/run/metadata.h"

#include <torch/torch.h>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

using State = std::map<std::string, torch::Tensor>;

/// A state dict like the example's, for 0..255 input and output, with its biases and the statistics of old files.
State foreign_state(const config::Architecture& architecture) {
  torch::manual_seed(5);
  nn::StyleNet shapes(architecture);
  State state;
  for (const auto& parameter : shapes->named_parameters()) {
    const std::string& name = parameter.key();
    const torch::Tensor& value = parameter.value();
    if (value.dim() == 4) {
      const double fan_in = static_cast<double>(value.numel()) / static_cast<double>(value.size(0));
      state[name] = torch::randn_like(value.detach()) * (name.starts_with("deconv3") ? 40 : 1) / std::sqrt(fan_in);
      state[name.substr(0, name.size() - 6) + "bias"] = torch::randn({value.size(0)});
    } else if (!name.starts_with("deconv3")) {
      state[name] = torch::rand_like(value.detach()) + 0.2;
      if (name.ends_with("weight")) {
        state[name.substr(0, name.size() - 6) + "running_mean"] = torch::randn({value.size(0)});
        state[name.substr(0, name.size() - 6) + "running_var"] = torch::rand({value.size(0)});
        state[name.substr(0, name.size() - 6) + "num_batches_tracked"] = torch::tensor(std::int64_t{9});
      }
    }
  }
  state["deconv3.conv2d.bias"] = torch::tensor({120.F, 127.F, 135.F});
  return state;
}

/// The example's forward pass, written from its description: input and output are 0..255.
class Reference {
 public:
  explicit Reference(State state) : state_(std::move(state)) {}

  torch::Tensor operator()(const torch::Tensor& x) const {
    torch::Tensor y = torch::relu(norm(conv(x, "conv1", 1), "in1"));
    y = torch::relu(norm(conv(y, "conv2", 2), "in2"));
    y = torch::relu(norm(conv(y, "conv3", 2), "in3"));
    for (int i = 1; state_.count("res" + std::to_string(i) + ".conv1.conv2d.weight") > 0; ++i)
      y = block(y, "res" + std::to_string(i));
    y = torch::relu(norm(conv(twice(y), "deconv1", 1), "in4"));
    y = torch::relu(norm(conv(twice(y), "deconv2", 1), "in5"));
    return conv(y, "deconv3", 1);
  }

 private:
  torch::Tensor conv(const torch::Tensor& x, const std::string& name, std::int64_t stride) const {
    const torch::Tensor& weight = state_.at(name + ".conv2d.weight");
    const std::int64_t p = weight.size(2) / 2;
    const torch::Tensor padded = p > 0 ? torch::reflection_pad2d(x, {p, p, p, p}) : x;
    return torch::conv2d(padded, weight, state_.at(name + ".conv2d.bias"), stride);
  }
  torch::Tensor norm(const torch::Tensor& x, const std::string& name) const {
    const torch::Tensor centred = x - x.mean({2, 3}, true);
    const torch::Tensor variance = (centred * centred).mean({2, 3}, true);
    return centred / torch::sqrt(variance + 1e-5) * state_.at(name + ".weight").view({1, -1, 1, 1}) +
           state_.at(name + ".bias").view({1, -1, 1, 1});
  }
  torch::Tensor block(const torch::Tensor& x, const std::string& name) const {
    torch::Tensor y = torch::relu(norm(conv(x, name + ".conv1", 1), name + ".in1"));
    y = norm(conv(y, name + ".conv2", 1), name + ".in2");
    if (state_.count(name + ".conv3.conv2d.weight") > 0)
      y = norm(conv(torch::relu(y), name + ".conv3", 1), name + ".in3");
    return x + y;
  }
  static torch::Tensor twice(const torch::Tensor& x) { return x.repeat_interleave(2, 2).repeat_interleave(2, 3); }

  State state_;
};

void write_state(const std::filesystem::path& path, const State& state, const std::string& prefix = "") {
  nn::TensorFile file;
  for (const auto& [name, tensor] : state) file.tensors.emplace_back(prefix + name, tensor);
  nn::write_safetensors(path, file);
}

std::string all_notes(const exporting::ImportedNet& imported) {
  std::string text;
  for (const auto& note : imported.notes) text += note + "\n";
  return text;
}

const config::Architecture kResidual{9, {8, 12, 16}, config::BlockKind::residual, 3, 0};
const config::Architecture kBottleneck{5, {6, 10, 12}, config::BlockKind::bottleneck, 2, 7};

}  // namespace

TEST_CASE("an imported network gives the pictures of the PyTorch example") {
  const torch::NoGradGuard no_grad;
  const testing::TempDir folder;
  const auto architecture = GENERATE(values<config::Architecture>({kResidual, kBottleneck}));
  const std::string prefix = GENERATE(values<std::string>({"", "module."}));
  const State state = foreign_state(architecture);
  write_state(folder / "in.safetensors", state, prefix);
  exporting::ImportedNet imported = exporting::import_net(folder / "in.safetensors");
  CHECK(imported.loaded.net->architecture == architecture);
  const Reference reference(state);
  for (const auto& [height, width] : {std::pair<std::int64_t, std::int64_t>{64, 64}, {40, 76}}) {
    const torch::Tensor x = torch::rand({1, 3, height, width}) * 255;
    const torch::Tensor expected = reference(x);
    CHECK(expected.std().item<double>() > 10);
    CHECK((imported.loaded.net->forward(x) - expected).abs().max().item<double>() < 1e-2);
  }
  INFO(all_notes(imported));
  CHECK(contains(all_notes(imported), "biases dropped"));
  CHECK(contains(all_notes(imported), "running statistics dropped"));
  CHECK(contains(all_notes(imported), "prefix") == !prefix.empty());
}

TEST_CASE("an imported network is a network of ours once it is saved") {
  const testing::TempDir folder;
  write_state(folder / "in.safetensors", foreign_state(kResidual));
  const auto imported = exporting::import_net(folder / "in.safetensors");
  nn::save_net(folder / "out.safetensors", imported.loaded.net, imported.loaded.metadata);
  CHECK(contains(nn::load_net(folder / "out.safetensors").metadata.at(run::kProvenanceKey), "in.safetensors"));
  CHECK(contains(error_of([&] { exporting::import_net(folder / "out.safetensors"); }), "nothing to import"));
}

TEST_CASE("a file that is not that network is refused, the tensor named") {
  const testing::TempDir folder;
  const auto error_for = [&](const std::function<void(State&)>& change) {
    State state = foreign_state(kResidual);
    change(state);
    write_state(folder / "in.safetensors", state);
    return error_of([&] { exporting::import_net(folder / "in.safetensors"); });
  };
  CHECK(contains(error_for([](State& s) { s.erase("conv1.conv2d.weight"); }), "conv1.conv2d.weight is missing"));
  CHECK(contains(error_for([](State& s) { s.erase("deconv3.conv2d.bias"); }), "deconv3.conv2d.bias is missing"));
  CHECK(contains(error_for([](State& s) { s.erase("res2.in1.weight"); }), "res2.in1.weight is missing"));
  CHECK(contains(error_for([](State& s) { s["extra.weight"] = torch::ones({1}); }), "extra.weight does not belong to"));
  CHECK(contains(error_for([](State& s) { s["in4.weight"] = torch::ones({1}); }), "expected shape [12], found [1]"));
  CHECK(contains(error_for([](State& s) { s["in4.weight"].fill_(NAN); }), "not finite"));
  CHECK(contains(error_for([](State& s) { s["conv1.conv2d.weight"] = torch::ones({8, 3, 4, 4}); }), "odd number"));
  CHECK(contains(error_for([](State& s) { s["conv1.conv2d.weight"] = torch::ones({8}); }), "4 dimensions"));
}

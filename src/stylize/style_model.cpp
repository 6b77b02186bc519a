// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/error.h"
#include "pocketstyle/export/describe.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/stylize/stylize.h"

#include <torch/csrc/jit/mobile/import.h>
#include <torch/csrc/jit/mobile/module.h>
#include <torch/script.h>

namespace pocketstyle::stylize {
namespace fs = std::filesystem;
namespace {

class EagerModel : public StyleModel {
 public:
  explicit EagerModel(const fs::path& path) : loaded_(nn::load_net(path)) {}
  torch::Tensor run(const torch::Tensor& photo_nchw255) override {
    const torch::NoGradGuard no_grad;
    return loaded_.net->forward(photo_nchw255);
  }
  [[nodiscard]] std::int64_t min_side() const override { return loaded_.net->family.min_side(); }

 private:
  nn::LoadedNet loaded_;
};

/// TorchScript or Lite: both take and give RGB 0..1.
template <class Module>
class ExportedModel : public StyleModel {
 public:
  ExportedModel(Module module, std::int64_t min_side) : module_(std::move(module)), min_side_(min_side) {}
  torch::Tensor run(const torch::Tensor& photo_nchw255) override {
    const torch::NoGradGuard no_grad;
    return module_.forward({photo_nchw255 / 255.0}).toTensor() * 255.0;
  }
  [[nodiscard]] std::int64_t min_side() const override { return min_side_; }

 private:
  Module module_;
  std::int64_t min_side_;
};

}  // namespace

std::unique_ptr<StyleModel> load_style_model(const fs::path& path) {
  const exporting::FileDescription file = exporting::describe_file(path);
  if (!file.family) throw DataError("{}: is {}, expected a style network", path.string(), file.kind);
  const std::int64_t min_side = file.family->min_side();
  try {
    if (file.kind == "torchscript")
      return std::make_unique<ExportedModel<torch::jit::Module>>(torch::jit::load(path.string()), min_side);
    if (file.kind == "lite")
      return std::make_unique<ExportedModel<torch::jit::mobile::Module>>(
          torch::jit::_load_for_mobile(path.string(), c10::nullopt), min_side);
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    throw DataError("{}: LibTorch cannot load it: {}", path.string(), message.substr(0, message.find('\n')));
  }
  return std::make_unique<EagerModel>(path);
}

}  // namespace pocketstyle::stylize

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/error.h"
#include "pocketstyle/export/runtime.h"
#include "pocketstyle/export/stored_net.h"
#include "pocketstyle/stylize/memory.h"
#include "pocketstyle/stylize/stylize.h"

namespace pocketstyle::stylize {
namespace {

/// Any file that export/runtime.h can load; its input and output are 0..1.
class LoadedModel : public StyleModel {
 public:
  LoadedModel(std::filesystem::path path, exporting::LoadedFile file)
      : path_(std::move(path)), file_(std::move(file)) {}

  torch::Tensor run(const torch::Tensor& photo_nchw255) override {
    const torch::NoGradGuard no_grad;
    return file_.runtimes.front().run(photo_nchw255 / 255.0) * 255.0;
  }
  [[nodiscard]] std::int64_t min_side() const override { return network::min_side(*file_.description.architecture); }
  [[nodiscard]] std::uint64_t run_bytes(std::int64_t height, std::int64_t width) const override {
    return untiled_bytes(*file_.description.architecture, height, width);
  }
  nn::StyleNet net() override {
    if (net_.is_empty()) net_ = exporting::load_stored_net(path_);
    return net_;
  }

 private:
  std::filesystem::path path_;
  exporting::LoadedFile file_;
  nn::StyleNet net_{nullptr};  // loaded when strips need it
};

}  // namespace

nn::StyleNet StyleModel::net() {
  throw DataError("the weights of this style, needed for strips, are not available");
}

std::unique_ptr<StyleModel> load_style_model(const std::filesystem::path& path) {
  return std::make_unique<LoadedModel>(path, exporting::load_file(path));
}

}  // namespace pocketstyle::stylize

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/runtime.h"
#include "pocketstyle/stylize/stylize.h"

namespace pocketstyle::stylize {
namespace {

/// Whatever export/runtime.h can load; it takes and gives 0..1.
class LoadedModel : public StyleModel {
 public:
  explicit LoadedModel(exporting::LoadedFile file) : file_(std::move(file)) {}
  torch::Tensor run(const torch::Tensor& photo_nchw255) override {
    const torch::NoGradGuard no_grad;
    return file_.runtimes.front().run(photo_nchw255 / 255.0) * 255.0;
  }
  [[nodiscard]] std::int64_t min_side() const override { return file_.description.family->min_side(); }

 private:
  exporting::LoadedFile file_;
};

}  // namespace

std::unique_ptr<StyleModel> load_style_model(const std::filesystem::path& path) {
  return std::make_unique<LoadedModel>(exporting::load_file(path));
}

}  // namespace pocketstyle::stylize

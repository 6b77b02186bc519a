// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/nima.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/media/onnx.h"
#include "pocketstyle/media/tensor.h"

#include <torch/script.h>

#include <cmath>
#include <memory>

namespace pocketstyle::evaluate {
namespace {

constexpr std::int64_t kSide = 224, kBins = 10;

torch::Tensor imagenet(const torch::Tensor& picture_nchw255) {
  const media::Image square = media::resize(media::from_tensor_nchw255(picture_nchw255), kSide, kSide);
  const torch::Tensor mean = torch::tensor({0.485F, 0.456F, 0.406F}).view({1, 3, 1, 1});
  const torch::Tensor deviation = torch::tensor({0.229F, 0.224F, 0.225F}).view({1, 3, 1, 1});
  return (media::to_tensor_nchw255(square) / 255 - mean) / deviation;
}

}  // namespace

Nima::Nima(const std::filesystem::path& path) : where_(path.string()) {
  const std::string bytes = read_file(path);  // reports why, if it cannot
  if (lower_extension(path) == ".onnx") {
    try {
      const auto net = std::make_shared<media::OnnxNet>(bytes);
      run_ = [net](const torch::Tensor& x) { return net->run(x); };
    } catch (const DataError& error) {
      throw DataError("{}: {}", where_, error.what());
    }
    return;
  }
  try {
    const auto module = std::make_shared<torch::jit::Module>(torch::jit::load(where_, torch::kCPU));
    module->eval();
    run_ = [module](const torch::Tensor& x) { return module->forward({x}).toTensor(); };
  } catch (const c10::Error& error) {
    throw DataError("{}: expected TorchScript or .onnx: {}", where_, first_line(error.what_without_backtrace()));
  }
}

Nima::Score Nima::score(const torch::Tensor& picture_nchw255) const {
  const torch::NoGradGuard no_grad;
  torch::Tensor bins;
  try {
    bins = run_(imagenet(picture_nchw255));
  } catch (const std::exception& error) {  // including c10::Error
    throw DataError("{}: cannot run on [1, 3, {}, {}]: {}", where_, kSide, kSide, first_line(error.what()));
  }
  if (bins.numel() != kBins)
    throw DataError("{}: returns [{}], expected {} bins", where_, fmt::join(bins.sizes().vec(), ", "), kBins);
  bins = bins.reshape(kBins).to(torch::kFloat64);
  if (bins.min().item<double>() < 0 || std::abs(bins.sum().item<double>() - 1) > 1e-3) bins = torch::softmax(bins, 0);
  const torch::Tensor rating = torch::arange(1, kBins + 1, torch::kFloat64);
  const double mean = (bins * rating).sum().item<double>();
  return {mean, std::sqrt((bins * (rating - mean).square()).sum().item<double>())};
}

}  // namespace pocketstyle::evaluate

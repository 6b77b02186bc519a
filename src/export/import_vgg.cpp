// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/import_vgg.h"

#include "export/staged_file.h"
#include "export/vgg_golden.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/media/onnx.h"
#include "pocketstyle/nn/safetensors.h"
#include "pocketstyle/nn/vgg16.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/run/metadata.h"

#include <algorithm>
#include <cmath>

namespace pocketstyle::exporting {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kConvs = nn::kVggConvIndices.size();
constexpr std::array<const char*, kConvs> kCaffeNames = {"conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1",
                                                         "conv3_2", "conv3_3", "conv4_1", "conv4_2", "conv4_3"};
constexpr double kTolerance = 1e-3;  // relative, of a tap's mean; float32 and a rounded mean stay far below
constexpr const char* kVggFormat = "vgg16 1";

struct Conv {
  torch::Tensor weight, bias;
};

std::string torchvision_name(std::size_t i) {
  return fmt::format("features.{}", nn::kVggConvIndices[i]);
}

std::vector<Conv> read_from_safetensors(const nn::TensorFile& file, const std::string& where) {
  const bool caffe = file.find(std::string(kCaffeNames[0]) + ".weight") != nullptr;
  std::vector<Conv> convs;
  for (std::size_t i = 0; i < kConvs; ++i) {
    const auto get = [&](const char* suffix) {
      const std::string name = (caffe ? kCaffeNames[i] : torchvision_name(i)) + suffix;
      const torch::Tensor* tensor = file.find(name);
      if (tensor == nullptr)
        throw DataError("{}: tensor {} is missing; expected names like features.0.weight or conv1_1.weight", where,
                        name);
      return tensor->to(torch::kFloat32);
    };
    convs.push_back({get(".weight"), get(".bias")});
  }
  return convs;
}

std::vector<Conv> read_from_onnx(const fs::path& path) {
  const auto found = media::read_onnx_convolutions(path);
  if (found.size() < kConvs)
    throw DataError("{}: expected {} convolutions or more, found {}", path.string(), kConvs, found.size());
  std::vector<Conv> convs;
  for (std::size_t i = 0; i < kConvs; ++i) {
    const torch::Tensor bias =
        found[i].bias.empty() ? torch::zeros({found[i].shape.at(0)}) : torch::tensor(found[i].bias);
    convs.push_back({torch::tensor(found[i].weight).view(found[i].shape), bias});
  }
  return convs;
}

void check_shapes(const std::vector<Conv>& convs, const std::string& where) {
  std::int64_t in = 3;
  for (std::size_t i = 0; i < kConvs; ++i) {
    const std::int64_t out = nn::kVggConvWidths[i];
    const auto expect = [&](const char* what, const torch::Tensor& tensor, const std::vector<std::int64_t>& shape) {
      if (tensor.sizes() != torch::IntArrayRef(shape))
        throw DataError("{}: {} of {}: expected shape [{}], found [{}]; not a VGG-16", where, what, kCaffeNames[i],
                        fmt::join(shape, ", "), fmt::join(tensor.sizes(), ", "));
      if (!torch::isfinite(tensor).all().item<bool>())
        throw DataError("{}: {} of {} has values that are not finite", where, what, kCaffeNames[i]);
    };
    expect("weight", convs[i].weight, {out, in, 3, 3});
    expect("bias", convs[i].bias, {out});
    in = out;
  }
}

void check_convention(const VggConvention& c) {
  if (c.range != 255 && c.range != 1) throw UsageError("--range: expected 255 or 1, found {}", c.range);
  for (std::size_t i = 0; i < 3; ++i) {
    if (!(c.std_rgb[i] > 0) || !std::isfinite(c.std_rgb[i]))
      throw UsageError("--std: expected numbers above 0, found {}", c.std_rgb[i]);
    if (!std::isfinite(c.mean_rgb[i])) throw UsageError("--mean: expected numbers, found {}", c.mean_rgb[i]);
  }
}

/// The first convolution's weight for RGB 0..255 minus the mean: its input is (x*s - mean)/std = (x - mean/s) * s/std.
torch::Tensor convert_first(const torch::Tensor& weight, const VggConvention& c) {
  const torch::Tensor rgb = c.bgr ? weight.flip(1) : weight;
  const torch::Tensor std = torch::tensor({c.std_rgb[0], c.std_rgb[1], c.std_rgb[2]}, torch::kFloat64);
  return (rgb.to(torch::kFloat64) * (c.range / 255 / std).view({1, 3, 1, 1})).to(torch::kFloat32);
}

nn::TensorFile to_file(const std::vector<Conv>& convs, const VggConvention& convention, const std::string& source,
                       const std::string& sha256) {
  nn::TensorFile file;
  for (std::size_t i = 0; i < kConvs; ++i) {
    file.tensors.emplace_back(torchvision_name(i) + ".weight",
                              i == 0 ? convert_first(convs[i].weight, convention) : convs[i].weight);
    file.tensors.emplace_back(torchvision_name(i) + ".bias", convs[i].bias);
  }
  std::array<double, 3> mean = convention.mean_rgb;
  for (double& value : mean) value *= 255 / convention.range;
  file.metadata = {
      {run::kFormatKey, kVggFormat},
      {"architecture", "vgg16"},
      {"layers", "conv1_1..conv4_3"},
      {"channel_order", "rgb"},
      {"input_range", "0..255"},
      {"mean", fmt::format("{:.9g},{:.9g},{:.9g}", mean[0], mean[1], mean[2])},
      {"std", "1,1,1"},
      {"imported_from", source},
      {"imported_sha256", sha256},
      {"imported_convention", fmt::format("{} 0..{}, mean {}, std {}", convention.bgr ? "bgr" : "rgb", convention.range,
                                          fmt::join(convention.mean_rgb, ","), fmt::join(convention.std_rgb, ","))}};
  return file;
}

/// Metadata of the input about its origin and licence; it also applies to the converted file.
void keep_origin(const nn::TensorFile& from, nn::TensorFile& to) {
  for (const char* key : {"source", "license", "training_set", "changes"})
    if (const auto found = from.metadata.find(key); found != from.metadata.end()) to.metadata[key] = found->second;
}

std::array<double, 4> tap_differences(const nn::Vgg16& vgg) {
  const torch::NoGradGuard no_grad;
  const auto features = vgg.features(golden_picture(), nn::VggTap::relu4_3);
  std::array<double, 4> differences{};
  for (std::size_t i = 0; i < differences.size(); ++i)
    differences[i] =
        std::abs(features[i].to(torch::kFloat64).mean().item<double>() - kVggGoldenMeans[i]) / kVggGoldenMeans[i];
  return differences;
}

}  // namespace

VggImport import_vgg(const fs::path& input, const fs::path& output, const VggImportOptions& options) {
  check_convention(options.convention);
  check_can_write(output, options.force);
  const std::string where = input.string();
  const bool onnx = lower_extension(input) == ".onnx";
  const std::string bytes = read_file(input);
  const nn::TensorFile source = onnx ? nn::TensorFile() : nn::parse_safetensors(bytes, where);
  const std::vector<Conv> convs = onnx ? read_from_onnx(input) : read_from_safetensors(source, where);
  check_shapes(convs, where);
  nn::TensorFile file = to_file(convs, options.convention, input.filename().string(), sha256_hex(bytes));
  keep_origin(source, file);

  StagedFile staged(output);
  staged.write(nn::to_safetensors(file));
  VggImport result;
  result.tap_difference = tap_differences(nn::Vgg16(staged.temporary_path()).with(nn::VggBorder::zeros));
  result.notes.push_back(
      fmt::format("read as {}: {}", onnx ? "ONNX" : "safetensors", file.metadata["imported_convention"]));
  const auto worst = std::max_element(result.tap_difference.begin(), result.tap_difference.end());
  const auto tap = nn::kVggTapNames[static_cast<std::size_t>(worst - result.tap_difference.begin())];
  if (!(*worst <= kTolerance)) {
    const std::string what =
        fmt::format("{}: mean of {} differs from the reference VGG-16 by {:.2g} (relative), at most {:.0e} is allowed",
                    where, tap, *worst, kTolerance);
    if (options.verify)
      throw VerificationError(
          "{}: check --channels, --range, --mean and --std; a VGG-16 from another training differs "
          "legitimately: use --no-verify then; nothing was written",
          what);
    result.notes.push_back(what + "; written anyway, since the check is off");
  }
  staged.commit();
  return result;
}

}  // namespace pocketstyle::exporting

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/formats/formats.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/formats/file_name.h"

#include <algorithm>
#include <array>

namespace pocketstyle::formats {
namespace {

constexpr PrecisionSet kFp32 = {Precision::fp32};
constexpr PrecisionSet kUsual = {Precision::fp32, Precision::fp16, Precision::int8};
constexpr PrecisionSet kEvery = {Precision::fp32, Precision::fp16, Precision::int8, Precision::int8_static};
constexpr const char* kTfliteRuntime = "tflite on libtorch";
constexpr std::int64_t kTfliteMultiple = 4;  // two strides of 2: without fixed sizes, nothing can be cropped
constexpr const char* kMethods = "methods `forward`, `run_u8`, `run_rgba`";

constexpr std::array kFormats = {
    FormatSpec{.format = Format::pt,
               .name = "pt",
               .container = Container::torchscript,
               .io = PictureIo::float_nchw01,
               .precisions = kUsual,
               .published = kUsual,
               .static_sizes = false,
               .side_multiple = 1,
               .runtimes = "torchscript",
               .takes = kMethods,
               .used_by = "LibTorch on desktops and servers; converters (`--lowering none`)"},
    FormatSpec{.format = Format::ptl,
               .name = "ptl",
               .container = Container::lite,
               .io = PictureIo::float_nchw01,
               .precisions = kUsual,
               .published = kUsual,
               .static_sizes = false,
               .side_multiple = 1,
               .runtimes = "lite",
               .takes = "the same methods",
               .used_by = "PyTorch Mobile's Lite interpreter"},
    FormatSpec{.format = Format::onnx,
               .name = "onnx",
               .container = Container::onnx,
               .io = PictureIo::float_nchw01,
               .precisions = kEvery,
               .published = kUsual,
               .static_sizes = true,
               .side_multiple = 1,
               .runtimes = "onnx on libtorch, opencv",
               .takes = "float32 `[1, 3, H, W]`, RGB 0..1",
               .used_by = "OpenCV, converters"},
    FormatSpec{.format = Format::onnx_u8,
               .name = "u8.onnx",
               .container = Container::onnx,
               .io = PictureIo::u8_nhwc,
               .precisions = kEvery,
               .published = kUsual,
               .static_sizes = true,
               .side_multiple = 1,
               .runtimes = "onnx on libtorch",
               .takes = "uint8 `[1, H, W, 3]`, RGB",
               .used_by = "ONNX Runtime"},
    FormatSpec{.format = Format::onnx_rgba,
               .name = "rgba.onnx",
               .container = Container::onnx,
               .io = PictureIo::rgba_hwc,
               .precisions = kEvery,
               .published = kUsual,
               .static_sizes = true,
               .side_multiple = 1,
               .runtimes = "onnx on libtorch",
               .takes = "uint8 `[H, W, 4]`, RGBA, alpha copied",
               .used_by = "ONNX Runtime with a canvas' or a bitmap's pixels"},
    FormatSpec{.format = Format::tflite,
               .name = "tflite",
               .container = Container::tflite,
               .io = PictureIo::float_nhwc01,
               .precisions = kUsual,
               .published = {},
               .static_sizes = true,
               .side_multiple = kTfliteMultiple,
               .runtimes = kTfliteRuntime,
               .takes = "float32 `[1, H, W, 3]`, RGB 0..1",
               .used_by = "LiteRT on phones' GPUs (`--static`), and on CPUs"},
    FormatSpec{.format = Format::tflite_u8,
               .name = "u8.tflite",
               .container = Container::tflite,
               .io = PictureIo::u8_nhwc,
               .precisions = kUsual,
               .published = {},
               .static_sizes = true,
               .side_multiple = kTfliteMultiple,
               .runtimes = kTfliteRuntime,
               .takes = "uint8 `[1, H, W, 3]`, RGB",
               .used_by = "LiteRT on CPUs"},
    FormatSpec{.format = Format::tflite_rgba,
               .name = "rgba.tflite",
               .container = Container::tflite,
               .io = PictureIo::rgba_hwc,
               .precisions = kUsual,
               .published = {},
               .static_sizes = true,
               .side_multiple = kTfliteMultiple,
               .runtimes = kTfliteRuntime,
               .takes = "uint8 `[1, H, W, 4]`, RGBA, alpha copied",
               .used_by = "LiteRT on CPUs, with a canvas' or a bitmap's pixels"},
    FormatSpec{.format = Format::safetensors,
               .name = "safetensors",
               .container = Container::safetensors,
               .io = PictureIo::float_nchw01,
               .precisions = kFp32,
               .published = kFp32,
               .static_sizes = false,
               .side_multiple = 1,
               .runtimes = "pocketstyle",
               .takes = "weights only",
               .used_by = "other tools"},
};
constexpr std::array<std::string_view, 4> kPrecisionNames = {"fp32", "fp16", "int8", "int8-static"};
constexpr std::array<std::string_view, 5> kContainerNames = {"torchscript", "lite", "onnx", "tflite", "safetensors"};
constexpr std::array<std::string_view, 4> kIoNames = {"float", "u8", "rgba", "float_nhwc"};

template <std::size_t kSize, class Enum>
std::string name_of(const std::array<std::string_view, kSize>& names, Enum value) {
  return std::string(names[static_cast<std::size_t>(value)]);
}

}  // namespace

std::span<const FormatSpec> all_formats() {
  return kFormats;
}
const FormatSpec& spec_of(Format format) {
  return *std::find_if(kFormats.begin(), kFormats.end(), [&](const auto& spec) { return spec.format == format; });
}
const FormatSpec* find_format(std::string_view name) {
  const auto* found =
      std::find_if(kFormats.begin(), kFormats.end(), [&](const auto& spec) { return spec.name == name; });
  return found == kFormats.end() ? nullptr : found;
}

std::string file_name(std::string_view name, Format format, Precision precision) {
  const std::string suffix = precision == Precision::fp32 ? "" : "." + to_string(precision);
  return fmt::format("{}{}.{}", name, suffix, spec_of(format).name);
}

std::vector<Format> every_format() {
  std::vector<Format> all;
  for (const FormatSpec& spec : kFormats) all.push_back(spec.format);
  return all;
}
std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const FormatSpec& spec : kFormats) names.emplace_back(spec.name);
  return names;
}
std::vector<std::string> precision_names() {
  return {kPrecisionNames.begin(), kPrecisionNames.end()};
}

std::string to_string(Format format) {
  return std::string(spec_of(format).name);
}
std::string to_string(Precision precision) {
  return name_of(kPrecisionNames, precision);
}
std::string to_string(Container container) {
  return name_of(kContainerNames, container);
}
std::string to_string(PictureIo io) {
  return name_of(kIoNames, io);
}

Format format_from_string(std::string_view name) {
  const FormatSpec* spec = find_format(name);
  if (spec == nullptr) throw UsageError("export format '{}': expected {}", name, fmt::join(format_names(), ", "));
  return spec->format;
}
Precision precision_from_string(std::string_view name) {
  for (const Precision precision : kPrecisions)
    if (to_string(precision) == name) return precision;
  throw UsageError("export precision '{}': expected {}", name, fmt::join(precision_names(), ", "));
}

}  // namespace pocketstyle::formats

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::formats {

/// The export formats, one per row of the table in formats.cpp.
enum class Format { pt, ptl, onnx, onnx_u8, onnx_rgba, tflite, tflite_u8, tflite_rgba, safetensors };

/// How the weights are stored. Runtimes compute in float32, except for int8_static.
enum class Precision {
  fp32,
  fp16,
  int8,         ///< weights of convolutions, one scale per output channel
  int8_static,  ///< experimental, ONNX only: 8-bit activations too, with ranges measured on photos
};
class PrecisionSet {
 public:
  constexpr PrecisionSet(std::initializer_list<Precision> precisions) {
    for (const Precision precision : precisions) bits_ |= bit(precision);
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr bool contains(Precision precision) const { return (bits_ & bit(precision)) != 0; }

 private:
  static constexpr unsigned bit(Precision precision) { return 1U << static_cast<unsigned>(precision); }
  unsigned bits_ = 0;
};

/// The file type: it decides who writes the file and which runtimes load it.
enum class Container { torchscript, lite, onnx, tflite, safetensors };

/// Input and output.
enum class PictureIo {
  float_nchw01,  ///< float32 [1, 3, H, W], RGB 0..1
  u8_nhwc,       ///< uint8 [1, H, W, 3], RGB
  rgba_hwc,  ///< uint8 [H, W, 4], RGBA, alpha copied: a canvas' ImageData, a bitmap's pixels; in LiteRT [1, H, W, 4]
  float_nhwc01,  ///< float32 [1, H, W, 3], RGB 0..1
};
constexpr bool is_bytes(PictureIo io) {
  return io == PictureIo::u8_nhwc || io == PictureIo::rgba_hwc;
}

/// Everything that differs between formats. A new one needs an enumerator, a row, and, if it is a new container, its
/// writer (src/export/write.cpp) and its runtime (src/export/runtime.cpp).
struct FormatSpec {
  Format format;
  std::string_view name;  ///< in options and manifests; also the file's extension
  Container container;
  PictureIo io;
  PrecisionSet precisions;     ///< supported precisions
  PrecisionSet published;      ///< those that the server offers
  bool static_sizes;           ///< can be written for pictures of one size only
  std::int64_t side_multiple;  ///< height and width of pictures must be divisible by it, unless the size is fixed
  std::string_view runtimes;   ///< those that verify it after export
  std::string_view takes;      ///< its input and output, for help and documents
  std::string_view used_by;

  /// "onnx" of "rgba.onnx"
  [[nodiscard]] std::string_view kind() const { return name.substr(name.rfind('.') + 1); }
};

inline constexpr const char* kMediaType = "application/octet-stream";  ///< none of the formats has a registered type

/// The table, in the order of the enum.
std::span<const FormatSpec> all_formats();
const FormatSpec& spec_of(Format format);
/// nullptr if the name is unknown.
const FormatSpec* find_format(std::string_view name);

inline constexpr std::initializer_list<Precision> kPrecisions = {Precision::fp32, Precision::fp16, Precision::int8,
                                                                 Precision::int8_static};
/// The meaning of "all": int8_static must be asked for by name.
inline constexpr std::initializer_list<Precision> kUsualPrecisions = {Precision::fp32, Precision::fp16,
                                                                      Precision::int8};

std::vector<Format> every_format();
std::vector<std::string> format_names();
std::vector<std::string> precision_names();
std::string to_string(Format format);
std::string to_string(Precision precision);
std::string to_string(Container container);  ///< as FileDescription::kind of export/describe.h
std::string to_string(PictureIo io);         ///< "float", "u8", "rgba", "float_nhwc"
// Throw UsageError listing the names if the name is unknown.
Format format_from_string(std::string_view name);
Precision precision_from_string(std::string_view name);

}  // namespace pocketstyle::formats

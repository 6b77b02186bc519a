// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pocketstyle::nn {
struct LoadedNet;
}

namespace pocketstyle::exporting {

/// What is written. The names are also the files' extensions.
enum class ExportFormat {
  pt,           ///< "pt": TorchScript
  ptl,          ///< "ptl": the Lite interpreter's file, which PyTorch Mobile loads
  onnx,         ///< "onnx": float32 NCHW 0..1
  onnx_u8,      ///< "u8.onnx": uint8 NHWC
  onnx_rgba,    ///< "rgba.onnx": uint8 [H, W, 4], alpha kept
  safetensors,  ///< "safetensors": the weights alone
};
/// How the weights are stored. Runtimes compute in float32, but for int8_static.
enum class Precision {
  fp32,
  fp16,
  int8,         ///< convolutions' weights, one scale an output channel
  int8_static,  ///< experimental, ONNX only: activations in 8 bits too, of ranges measured on photos
};
/// How TorchScript and Lite files spell the network: docs/export.md has what each gains.
enum class Lowering {
  none,     ///< plain operators, for converters
  cpu,      ///< for LibTorch on desktops and servers
  xnnpack,  ///< for phones: channels-last, XNNPACK convolutions packed at load
};

/// Names, in the enum's order. `*_from_string` throws UsageError listing them if there is no such name.
const std::vector<std::string>& export_format_names();
const std::vector<std::string>& precision_names();
const std::vector<std::string>& lowering_names();
std::string to_string(ExportFormat format);
std::string to_string(Precision precision);
std::string to_string(Lowering lowering);
ExportFormat format_from_string(std::string_view name);
Precision precision_from_string(std::string_view name);
Lowering lowering_from_string(std::string_view name);

inline constexpr const char* kExportFormat = "export 1";           ///< value of run::kFormatKey in an exported file
inline constexpr const char* kExtraFileName = "pocketstyle.json";  ///< member "extra/pocketstyle.json" of .pt and .ptl;
                                                                   ///< ONNX files have it as metadata
inline constexpr std::int64_t kNewestBytecode = 8, kOldestBytecode = 5;  ///< of Lite files

struct ExportOptions {
  std::vector<ExportFormat> formats{ExportFormat::pt, ExportFormat::ptl, ExportFormat::onnx, ExportFormat::onnx_u8,
                                    ExportFormat::onnx_rgba};
  std::vector<Precision> precisions{Precision::fp32};  ///< safetensors files are written in fp32 only
  std::optional<Lowering> lowering{};                  ///< default: xnnpack for ptl, none for pt
  std::int64_t bytecode = kNewestBytecode;  ///< of ptl; older runtimes want 5 (PyTorch 1.9) or 7 (1.10, 1.11)
  std::optional<std::pair<std::int64_t, std::int64_t>> static_hw{};  ///< ONNX with this height and width only
  bool onnx_pad_slices = false;  ///< ONNX padding by Slice and Concat, which CoreML and NNAPI take
  double tolerance = 1e-4;       ///< largest difference to the network that is stored, pictures being 0..1; where bytes
                                 ///< come out half a level more is allowed, for rounding
  std::filesystem::path calibration{};  ///< of int8_static: a folder of photos; half measure ranges, half the loss
  double max_mean_diff_percent = 5;     ///< of int8_static: largest mean absolute difference to the trained network's
                                        ///< pictures, in percent of the range
  std::filesystem::path references{};   ///< if not empty: a folder for pictures to test the ONNX files with elsewhere
  bool force = false;                   ///< replace files that are there
};

/// How far a reloaded file is from the network it stores at one size, over several different pictures.
struct Parity {
  std::string runtime;  ///< as Runtime::name
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t pictures = 0;
  double max_difference = 0;   ///< of values 0..1
  double mean_difference = 0;  ///< mean of the absolute difference
  double psnr_db = 0;          ///< of all the pictures together
};

struct ExportResult {
  ExportFormat format{};
  Precision precision{};
  std::filesystem::path file;
  std::filesystem::path manifest;  ///< FILE.json beside it
  std::uint64_t bytes = 0;
  std::string sha256;
  std::vector<Parity> parity;
  double precision_psnr_db = 0;               ///< stored network against the trained one; infinite in fp32
  std::optional<double> mean_diff_percent{};  ///< of int8_static, as max_mean_diff_percent
  [[nodiscard]] double max_difference() const;
};

/// Writes FOLDER/NAME[.PRECISION].FORMAT and a manifest for each format and precision. Every file is written under a
/// temporary name, loaded again by the runtimes it is for, and run on pictures of several sizes, odd and oblong ones
/// too; only when all are within the tolerance do they get their names. Throws UsageError (name, tolerance, a file is
/// there without `force`), VerificationError (a difference is too large; nothing is left behind), DataError (writing
/// failed).
std::vector<ExportResult> export_net(const nn::LoadedNet& loaded, const std::filesystem::path& folder,
                                     const std::string& name, const ExportOptions& options = {});

}  // namespace pocketstyle::exporting

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/formats/formats.h"

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

using ExportFormat = formats::Format;
using formats::every_format;
using formats::Precision;
using formats::to_string;

/// The operators that TorchScript and Lite files use for the network; docs/export.md says what each gains.
enum class Lowering {
  none,     ///< plain operators, for converters
  cpu,      ///< for LibTorch on desktops and servers
  xnnpack,  ///< for phones: channels-last, XNNPACK convolutions packed at load
};

/// The names, in the enum's order. `lowering_from_string` throws UsageError listing them if the name is unknown.
const std::vector<std::string>& lowering_names();
std::string to_string(Lowering lowering);
Lowering lowering_from_string(std::string_view name);

inline constexpr const char* kExportFormat = "export 1";           ///< value of run::kFormatKey in an exported file
inline constexpr const char* kExtraFileName = "pocketstyle.json";  ///< member "extra/pocketstyle.json" of .pt and .ptl;
                                                                   ///< ONNX and LiteRT files have it as metadata
inline constexpr std::int64_t kNewestBytecode = 8, kOldestBytecode = 5;  ///< of Lite files

// A rounding error grows on its way through a network, in some a hundred times as much as in others, because instance
// norm divides by a deviation that may be small. So the tolerance for other runtimes is derived from the difference
// between float32 in our own summation order and double precision. docs/export.md has the measurements behind these
// numbers.
inline constexpr double kToleranceFactor = 16;
inline constexpr double kLeastTolerance = 1e-4, kMostTolerance = 1.2e-3;  ///< half a level of 255 is 1.96e-3
/// `conditioning`: the largest difference between the network's float32 forward pass and double precision, values 0..1.
double tolerance_for(double conditioning);

struct ExportOptions {
  std::vector<ExportFormat> formats = every_format();
  std::vector<Precision> precisions{Precision::fp32};  ///< each format is written in those that it supports
  std::optional<Lowering> lowering{};                  ///< default: xnnpack for ptl, none for pt
  std::int64_t bytecode = kNewestBytecode;  ///< of ptl; older runtimes need 5 (PyTorch 1.9) or 7 (1.10, 1.11)
  std::optional<std::pair<std::int64_t, std::int64_t>>
      static_hw{};                    ///< write ONNX and LiteRT for this height and width only
  bool onnx_pad_slices = false;       ///< ONNX padding as Slice and Concat, which CoreML and NNAPI support
  std::optional<double> tolerance{};  ///< largest difference from the stored network, for pictures in 0..1; for byte
                                      ///< output, half a level more is allowed for rounding. Default: tolerance_for
  std::filesystem::path
      calibration{};  ///< of int8_static: a folder of photos; half are for the ranges, half for the check
  double max_mean_diff_percent = 5;  ///< of int8_static: largest mean absolute difference from the trained network's
                                     ///< pictures, in percent of the range
  std::filesystem::path
      references{};    ///< if not empty: folder for reference pictures, to test the ONNX and LiteRT files elsewhere
  bool force = false;  ///< overwrite existing files
};

/// The difference between a reloaded file and the network it stores at one size, over several different pictures.
struct Parity {
  std::string runtime;  ///< as Runtime::name
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t pictures = 0;
  double max_difference = 0;   ///< of values in 0..1
  double mean_difference = 0;  ///< mean of the absolute difference
  double psnr_db = 0;          ///< over all pictures together
};

struct ExportResult {
  ExportFormat format{};
  Precision precision{};
  std::filesystem::path file;
  std::filesystem::path manifest;  ///< FILE.json, in the same folder
  std::uint64_t bytes = 0;
  std::string sha256;
  std::vector<Parity> parity;
  double precision_psnr_db = 0;               ///< of the stored network against the trained one; infinite for fp32
  double conditioning = 0;                    ///< of the stored network, as tolerance_for takes it
  double tolerance = 0;                       ///< the one used
  std::optional<double> mean_diff_percent{};  ///< of int8_static, as max_mean_diff_percent
  std::string failure;                        ///< why nothing was written, in one line; empty: no failure
  [[nodiscard]] bool written() const { return failure.empty(); }
  [[nodiscard]] double max_difference() const;
};

/// Writes FOLDER/NAME[.PRECISION].FORMAT and a manifest for each format and precision. Every file is written under a
/// temporary name, reloaded by the runtimes it is for, and run on pictures of several sizes, including odd and oblong
/// ones. Files within the tolerance are then renamed, the others are deleted: check ExportResult::written. Throws
/// UsageError (name, tolerance, a file exists and `force` is not set) and DataError (writing failed); then nothing is
/// left behind.
std::vector<ExportResult> export_net(const nn::LoadedNet& loaded, const std::filesystem::path& folder,
                                     const std::string& name, const ExportOptions& options = {});
/// The same for callers that need all files: throws VerificationError with the first failure if one was not written.
std::vector<ExportResult> export_all(const nn::LoadedNet& loaded, const std::filesystem::path& folder,
                                     const std::string& name, const ExportOptions& options = {});

/// The result for each file, as JSON (docs/formats.md).
std::string to_json(const std::vector<ExportResult>& results);

}  // namespace pocketstyle::exporting

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

/// How TorchScript and Lite files spell the network: docs/export.md has what each gains.
enum class Lowering {
  none,     ///< plain operators, for converters
  cpu,      ///< for LibTorch on desktops and servers
  xnnpack,  ///< for phones: channels-last, XNNPACK convolutions packed at load
};

/// Names, in the enum's order. `lowering_from_string` throws UsageError listing them if there is no such name.
const std::vector<std::string>& lowering_names();
std::string to_string(Lowering lowering);
Lowering lowering_from_string(std::string_view name);

inline constexpr const char* kExportFormat = "export 1";           ///< value of run::kFormatKey in an exported file
inline constexpr const char* kExtraFileName = "pocketstyle.json";  ///< member "extra/pocketstyle.json" of .pt and .ptl;
                                                                   ///< ONNX files have it as metadata
inline constexpr std::int64_t kNewestBytecode = 8, kOldestBytecode = 5;  ///< of Lite files

// A rounding error grows on its way through a network, in some a hundred times as much as in others: instance norm
// divides by a deviation that may be small. So what other runtimes may differ by follows from how far float32 in our
// own order of sums is from double precision. docs/export.md has the measurements that these come from.
inline constexpr double kToleranceFactor = 16;
inline constexpr double kLeastTolerance = 1e-4, kMostTolerance = 1.2e-3;  ///< half a level of 255 is 1.96e-3
/// `conditioning`: the largest difference of the network's float32 forward pass to double precision, values 0..1.
double tolerance_for(double conditioning);

struct ExportOptions {
  std::vector<ExportFormat> formats = every_format();
  std::vector<Precision> precisions{Precision::fp32};  ///< a format is written in those of them that it can
  std::optional<Lowering> lowering{};                  ///< default: xnnpack for ptl, none for pt
  std::int64_t bytecode = kNewestBytecode;  ///< of ptl; older runtimes want 5 (PyTorch 1.9) or 7 (1.10, 1.11)
  std::optional<std::pair<std::int64_t, std::int64_t>> static_hw{};  ///< ONNX with this height and width only
  bool onnx_pad_slices = false;  ///< ONNX padding by Slice and Concat, which CoreML and NNAPI take
  std::optional<double>
      tolerance{};  ///< largest difference to the network that is stored, pictures being 0..1; where
                    ///< bytes come out half a level more is allowed, for rounding. Default: tolerance_for
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
  double conditioning = 0;                    ///< of the stored network, as tolerance_for takes it
  double tolerance = 0;                       ///< that was used
  std::optional<double> mean_diff_percent{};  ///< of int8_static, as max_mean_diff_percent
  std::string failure;                        ///< why nothing was written, in one line; empty: it was
  [[nodiscard]] bool written() const { return failure.empty(); }
  [[nodiscard]] double max_difference() const;
};

/// Writes FOLDER/NAME[.PRECISION].FORMAT and a manifest for each format and precision. Every file is written under a
/// temporary name, loaded again by the runtimes it is for, and run on pictures of several sizes, odd and oblong ones
/// too. Those within the tolerance get their names, of the others nothing is left: look at ExportResult::written.
/// Throws UsageError (name, tolerance, a file is there without `force`), DataError (writing failed), and leaves nothing
/// then.
std::vector<ExportResult> export_net(const nn::LoadedNet& loaded, const std::filesystem::path& folder,
                                     const std::string& name, const ExportOptions& options = {});
/// The same for who needs all of them: throws VerificationError, the first failure, if one was not written.
std::vector<ExportResult> export_all(const nn::LoadedNet& loaded, const std::filesystem::path& folder,
                                     const std::string& name, const ExportOptions& options = {});

/// What came of each file, as JSON (docs/formats.md).
std::string to_json(const std::vector<ExportResult>& results);

}  // namespace pocketstyle::exporting

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/weights.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::exporting {

/// pt: TorchScript; ptl: the Lite interpreter's file, which PyTorch Mobile loads; safetensors: the weights alone.
enum class ExportFormat { pt, ptl, safetensors };
/// All of them, in that order.
std::span<const ExportFormat> all_formats();
/// "pt", "ptl", "safetensors"; also the file's extension.
std::string_view to_string(ExportFormat format);
/// Throws UsageError listing the names if there is no such format.
ExportFormat format_from_string(std::string_view name);

inline constexpr const char* kExportFormat = "export 1";           ///< value of nn::kFormatKey in an exported file
inline constexpr const char* kExtraFileName = "pocketstyle.json";  ///< member "extra/pocketstyle.json" of .pt and .ptl

struct ExportOptions {
  std::vector<ExportFormat> formats{ExportFormat::pt, ExportFormat::ptl};
  double tolerance = 1e-4;  ///< largest absolute difference to the trained network, pictures being 0..1
  bool force = false;       ///< replace files that are there
};

/// How far a reloaded file is from the trained network at one size, over several different pictures.
struct Parity {
  std::string runtime;  ///< "torchscript", "lite" or "pocketstyle"
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t pictures = 0;
  double max_difference = 0;   ///< of values 0..1
  double mean_difference = 0;  ///< mean of the absolute difference
};

struct ExportResult {
  ExportFormat format{};
  std::filesystem::path file;
  std::filesystem::path manifest;  ///< FILE.json beside it
  std::uint64_t bytes = 0;
  std::string sha256;
  std::vector<Parity> parity;
  [[nodiscard]] double max_difference() const;
};

/// Writes FOLDER/NAME.<format> and a manifest for each format. Every file is written under a temporary name, loaded
/// again by the runtime it is for, and run on pictures of several sizes, odd and oblong ones too; only when all are
/// within the tolerance do they get their names. Throws UsageError (name, tolerance, a file is there without `force`),
/// VerificationError (a difference is too large; nothing is left behind), DataError (writing failed).
std::vector<ExportResult> export_net(const nn::LoadedNet& loaded, const std::filesystem::path& folder,
                                     const std::string& name, const ExportOptions& options = {});

}  // namespace pocketstyle::exporting

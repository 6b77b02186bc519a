// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "export/onnx.h"
#include "export/parity.h"

#include <filesystem>
#include <span>

namespace pocketstyle::exporting {

/// Everything needed to test one ONNX or LiteRT file in another runtime.
struct Reference {
  std::string model;  ///< file name
  PictureIo io{};
  bool has_batch = true;   ///< whether the first dimension is 1, where pictures are RGBA
  double tolerance = 0;    ///< of float values; bytes may be one level off
  double min_psnr_db = 0;  ///< if above 0, required instead of the tolerance
  std::span<const ParityCase> cases;
};

/// Writes FOLDER/index.json and, for each case, FOLDER/CASE.in.bin and CASE.out.bin: input and expected output as raw
/// little-endian tensors. docs/formats.md has the index's keys. Throws DataError.
void write_references(const std::filesystem::path& folder, const std::vector<Reference>& references);

}  // namespace pocketstyle::exporting

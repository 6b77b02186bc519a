// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "export/onnx.h"
#include "export/parity.h"

#include <filesystem>
#include <span>

namespace pocketstyle::exporting {

/// What a test of one ONNX file in another runtime needs.
struct Reference {
  std::string model;  ///< file name
  PictureIo io{};
  double tolerance = 0;    ///< of float values; bytes may be one level off
  double min_psnr_db = 0;  ///< if above 0, this is asked for instead of the tolerance
  std::span<const ParityCase> cases;
};

/// Writes FOLDER/index.json and, for each case, FOLDER/CASE.in.bin and CASE.out.bin: raw little-endian tensors, what
/// goes in and what must come out. docs/formats.md has the index's keys. Throws DataError.
void write_references(const std::filesystem::path& folder, const std::vector<Reference>& references);

}  // namespace pocketstyle::exporting

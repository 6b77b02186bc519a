// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace pocketstyle::train {

/// CRC-32C (Castagnoli), as TensorBoard's record format needs it: "123456789" gives 0xE3069283.
std::uint32_t crc32c(std::string_view bytes);

/// Writes scalars to a TensorBoard event file, flushed after each. Format: TFRecord of tensorflow.Event.
class TensorBoardWriter {
 public:
  /// Opens `folder`/events.out.tfevents.<time>.pocketstyle. Throws DataError.
  explicit TensorBoardWriter(const std::filesystem::path& folder);
  void scalar(std::string_view tag, std::int64_t step, double value);

 private:
  void record(const std::string& event);
  std::filesystem::path path_;
  std::ofstream out_;
};

}  // namespace pocketstyle::train

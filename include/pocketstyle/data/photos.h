// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::data {

/// Validation photos for losses and previews: the first `config.held_out_photos` usable ones of `config.held_out` in
/// path order, resized to a short side of `held_out_size`, sides cut to a multiple of 4; float [1, 3, H, W] RGB 0..255
/// each. Empty if `config.held_out` is empty. `names`, if given, gets their paths below the folder. Throws DataError if
/// the folder has no usable photo.
std::vector<torch::Tensor> load_validation_photos(const config::DataConfig& config,
                                                  std::vector<std::string>* names = nullptr);

/// What photos are like: the middle squares of up to 12 usable photos of `config.train`, evenly spread over the folder
/// in path order, of the shipped ones if `config.train` is empty; float [N, 3, side, side] RGB 0..255, side: crop or
/// 128, whichever is less. Throws DataError if none can be used.
torch::Tensor load_reference_photos(const config::DataConfig& config);

/// Which samples of the stream are taken here, where several processes share it: of each `of` batches in a row the one
/// at `index`.
struct Share {
  std::int64_t index = 0, of = 1;
};

/// An endless, seeded stream of training batches. Sample n depends only on (seed, n): photo order is a new shuffle each
/// epoch, window, place and flip are drawn from (seed, n). So position is all there is to save, and the number of
/// workers changes nothing. A photo that cannot be used (corrupt, too small) is named once in the log, counted, and the
/// next one in the order stands in for it.
class Batches {
 public:
  /// `position`: samples already taken, by all shares together; those before `small_until` have config.small_crop
  /// pixels a side. Throws DataError if the folder holds no usable photo.
  Batches(const config::DataConfig& config, std::int64_t batch, std::uint64_t seed, std::int64_t position,
          const Share& share = {}, std::int64_t small_until = 0);
  ~Batches();
  Batches(const Batches&) = delete;
  Batches& operator=(const Batches&) = delete;

  /// float [batch, 3, crop, crop] or [batch, 3, small_crop, small_crop], RGB 0..255. Rethrows a worker's error.
  torch::Tensor next();
  /// Samples taken so far, those before the start and those of the other shares included.
  [[nodiscard]] std::int64_t position() const;
  /// Number of the first sample that next() will give: this share's.
  [[nodiscard]] std::int64_t next_sample() const;
  [[nodiscard]] std::int64_t photos() const;
  /// SHA-256 of the photos' paths below the folder: the same stream needs the same photos.
  [[nodiscard]] std::string names_sha256() const;
  /// Photos found unusable so far.
  [[nodiscard]] std::int64_t skipped() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pocketstyle::data

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
/// path order, resized to a short side of `held_out_size`, both sides cropped to a multiple of 4; each float [1, 3, H,
/// W], RGB 0..255. Empty if `config.held_out` is empty. `names`, if not null, receives their paths relative to the
/// folder. Throws DataError if the folder has no usable photo.
std::vector<torch::Tensor> load_validation_photos(const config::DataConfig& config,
                                                  std::vector<std::string>* names = nullptr);

/// A sample of typical photos: the central squares of up to 12 usable photos of `config.train`, evenly spaced over the
/// folder in path order, or of the shipped photos if `config.train` is empty; float [N, 3, side, side], RGB 0..255,
/// side: min(crop, 128). Throws DataError if no photo is usable.
torch::Tensor load_reference_photos(const config::DataConfig& config);

/// The shard of the sample stream that this process takes: of every `of` consecutive batches, the one at `index`.
struct Share {
  std::int64_t index = 0, of = 1;
};

/// An endless, seeded stream of training batches. Sample n depends only on (seed, n): photos are reshuffled in each
/// epoch, and the size and place of the crop and the flip are drawn from (seed, n). So the position is the only state,
/// and the number of workers changes nothing. An unusable photo (corrupt, too small, one plain colour) is logged once,
/// counted, and replaced by the next one in order. If a crop is one plain colour, where instance norm, which divides by
/// a channel's deviation, has gradients without bound, one of the next photo takes its place.
class Batches {
 public:
  /// `position`: samples already taken, by all shards together; samples before `small_until` are config.small_crop
  /// pixels wide and high. Throws DataError if the folder has no usable photo.
  Batches(const config::DataConfig& config, std::int64_t batch, std::uint64_t seed, std::int64_t position,
          const Share& share = {}, std::int64_t small_until = 0);
  ~Batches();
  Batches(const Batches&) = delete;
  Batches& operator=(const Batches&) = delete;

  /// float [batch, 3, crop, crop] or [batch, 3, small_crop, small_crop], RGB 0..255. Rethrows a worker's error; throws
  /// DataError if all that is drawn is plain.
  torch::Tensor next();
  /// Samples taken so far, including those before the start and those of the other shards.
  [[nodiscard]] std::int64_t position() const;
  /// Index of the first sample of this shard that next() will return.
  [[nodiscard]] std::int64_t next_sample() const;
  [[nodiscard]] std::int64_t photos() const;
  /// SHA-256 of the photos' paths relative to the folder: the stream is the same only for the same photos.
  [[nodiscard]] std::string names_sha256() const;
  /// Photos found unusable so far.
  [[nodiscard]] std::int64_t skipped() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pocketstyle::data

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/media/image.h"

#include <memory>

namespace pocketstyle::media {

/// BRISQUE (Mittal, Moorthy and Bovik 2012): how far a picture's local statistics are from those of natural,
/// undistorted photos, from about 0 (best) to 100. OpenCV's quality module with its model trained on the LIVE database.
class Brisque {
 public:
  /// Throws DataError: this build's OpenCV has no quality module, or the model file (Debian: opencv-data) is missing.
  Brisque();
  ~Brisque();
  Brisque(Brisque&&) noexcept;

  /// Throws RuntimeFailure on a picture that it cannot process, such as a very small one.
  [[nodiscard]] double score(const Image& image) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pocketstyle::media

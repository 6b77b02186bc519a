// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/media/image.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pocketstyle::media {

/// How opaque each pixel of a picture is: 0 transparent, 255 opaque.
struct Alpha {
  std::int64_t width = 0, height = 0;
  std::vector<std::uint8_t> values;  ///< height * width; empty: all is opaque
  [[nodiscard]] bool empty() const { return values.empty(); }
};

/// A picture with what is transparent of it.
struct Picture {
  Image image;  ///< where it is transparent, the colours around go on: a network sees no edge there
  Alpha alpha;
  std::string profile;  ///< the name of the colour profile that it was converted from; empty: it was sRGB
};

/// As load_image, with the alpha kept.
Picture load_picture(const std::filesystem::path& path);

/// Area average going down, bicubic going up; as it is where the size is that. Requires: sides of 1 or more.
Alpha resize(Alpha alpha, std::int64_t width, std::int64_t height);

/// As save_image; JPEG, which has no alpha, gets the picture over white. Requires: alpha empty or of the image's size.
void save_picture(const std::filesystem::path& path, const Picture& picture, int quality = 92);

}  // namespace pocketstyle::media

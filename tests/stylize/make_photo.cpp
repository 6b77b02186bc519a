// SPDX-License-Identifier: Apache-2.0
// Makes a photo of any size from a small one, for measurements: make_photo FROM WIDTH HEIGHT TO
#include "pocketstyle/core/error.h"
#include "pocketstyle/media/image.h"

#include <algorithm>
#include <cstdio>
#include <string>

int main(int argc, char** argv) {
  using namespace pocketstyle;
  try {
    if (argc != 5) throw UsageError("usage: make_photo FROM WIDTH HEIGHT TO");
    const media::Image photo = media::load_image(argv[1]);
    const std::int64_t width = std::stoll(argv[2]), height = std::stoll(argv[3]);
    // The centre of the photo in the requested aspect ratio.
    const std::int64_t taken_width = std::min(photo.width, photo.height * width / height);
    const std::int64_t taken_height = std::min(photo.height, photo.width * height / width);
    const media::Image middle = media::crop(photo, (photo.width - taken_width) / 2, (photo.height - taken_height) / 2,
                                            taken_width, taken_height);
    media::save_image(argv[4], media::resize(middle, width, height));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_photo: %s\n", error.what());
    return 1;
  }
}

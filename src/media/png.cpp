// SPDX-License-Identifier: Apache-2.0
#include "media/decode.h"
#include "media/icc.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace pocketstyle::media {
namespace {

[[noreturn]] void on_error(png_structp /*png*/, png_const_charp /*text*/) {
  throw std::runtime_error("is not a picture that can be read, or is damaged");
}
void on_warning(png_structp /*png*/, png_const_charp /*text*/) {}

void read_bytes(png_structp png, png_bytep target, std::size_t count) {
  auto& rest = *static_cast<std::string_view*>(png_get_io_ptr(png));
  if (count > rest.size()) on_error(png, nullptr);
  std::memcpy(target, rest.data(), count);
  rest.remove_prefix(count);
}

/// libpng's two structures. Its errors come as exceptions: it is built to be unwound.
struct Reader {
  Reader() : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning)) {
    if (png == nullptr) throw std::bad_alloc();
    info = png_create_info_struct(png);
  }
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  png_structp png;
  png_infop info = nullptr;
};

/// The profile that the file holds, or that its gamma and primaries come to where they are not those of sRGB.
std::string profile_of(const Reader& reader) {
  png_charp name = nullptr;
  png_bytep data = nullptr;
  png_uint_32 size = 0;
  int compression = 0, intent = 0;
  if (png_get_iCCP(reader.png, reader.info, &name, &compression, &data, &size) != 0)
    return {reinterpret_cast<const char*>(data), size};
  double gamma = 0;
  if (png_get_sRGB(reader.png, reader.info, &intent) != 0 || png_get_gAMA(reader.png, reader.info, &gamma) == 0 ||
      gamma <= 0)
    return {};
  constexpr double kUsualGamma = 1 / 2.2, kNear = 0.01;
  Primaries p = kSrgbPrimaries;
  const bool has_primaries = png_get_cHRM(reader.png, reader.info, &p.white_x, &p.white_y, &p.red_x, &p.red_y,
                                          &p.green_x, &p.green_y, &p.blue_x, &p.blue_y) != 0;
  if (std::abs(gamma - kUsualGamma) < kNear && (!has_primaries || are_srgb(p))) return {};
  return make_profile(p, 1 / gamma);
}

}  // namespace

/// libpng itself, as OpenCV has it print and loses what is transparent in grey pictures.
Decoded decode_png(std::string_view bytes) {
  Decoded result;
  std::vector<png_bytep> rows;
  const Reader reader;
  png_set_read_fn(reader.png, &bytes, read_bytes);
  png_set_user_limits(reader.png, static_cast<png_uint_32>(kMaxPixels), static_cast<png_uint_32>(kMaxPixels));
  png_read_info(reader.png, reader.info);
  const auto width = png_get_image_width(reader.png, reader.info),
             height = png_get_image_height(reader.png, reader.info);
  check_size(width, height);
  result.icc_profile = profile_of(reader);
  png_set_expand(reader.png);  // palettes, fewer than 8 bits, a transparent colour
  png_set_swap(reader.png);
  png_set_bgr(reader.png);
  png_set_interlace_handling(reader.png);
  const bool is_grey = (png_get_color_type(reader.png, reader.info) & PNG_COLOR_MASK_COLOR) == 0;
  const bool has_alpha = (png_get_color_type(reader.png, reader.info) & PNG_COLOR_MASK_ALPHA) != 0 ||
                         png_get_valid(reader.png, reader.info, PNG_INFO_tRNS) != 0;
  if (is_grey && has_alpha) png_set_gray_to_rgb(reader.png);
  png_read_update_info(reader.png, reader.info);
  const int depth = png_get_bit_depth(reader.png, reader.info) == 16 ? CV_16U : CV_8U;
  result.pixels.create(static_cast<int>(height), static_cast<int>(width),
                       CV_MAKETYPE(depth, png_get_channels(reader.png, reader.info)));
  if (png_get_rowbytes(reader.png, reader.info) != result.pixels.step) on_error(reader.png, nullptr);
  for (int y = 0; y < result.pixels.rows; ++y) rows.push_back(result.pixels.ptr(y));
  png_read_image(reader.png, rows.data());
  return result;
}

}  // namespace pocketstyle::media

// SPDX-License-Identifier: Apache-2.0
#include "media/decode.h"
#include "media/icc.h"

#include "pocketstyle/core/error.h"

#include <stdexcept>

#ifdef POCKETSTYLE_HEIF
#include <libheif/heif.h>
#include <opencv2/imgproc.hpp>

#include <memory>
#endif

namespace pocketstyle::media {

#ifdef POCKETSTYLE_HEIF
namespace {

struct FreeContext {
  void operator()(heif_context* context) const { heif_context_free(context); }
};
struct ReleaseHandle {
  void operator()(heif_image_handle* handle) const { heif_image_handle_release(handle); }
};
struct ReleaseImage {
  void operator()(heif_image* image) const { heif_image_release(image); }
};
struct FreeNclx {
  void operator()(heif_color_profile_nclx* nclx) const { heif_nclx_color_profile_free(nclx); }
};

void check(const heif_error& error, std::string_view name) {
  if (error.code == heif_error_Ok) return;
  if (error.code == heif_error_Unsupported_filetype || error.code == heif_error_Unsupported_feature ||
      error.code == heif_error_Plugin_loading_error)
    throw std::runtime_error(
        fmt::format("is {} of a kind that libheif cannot read here; is its decoder installed?", name));
  throw std::runtime_error("is not a picture that can be read, or is damaged");
}

/// The ICC profile, or one of the primaries that the file names.
std::string profile_of(const heif_image_handle* handle, std::string_view name) {
  const std::size_t size = heif_image_handle_get_raw_color_profile_size(handle);
  const heif_color_profile_type type = heif_image_handle_get_color_profile_type(handle);
  if (size > 0 && (type == heif_color_profile_type_rICC || type == heif_color_profile_type_prof)) {
    std::string profile(size, '\0');
    check(heif_image_handle_get_raw_color_profile(handle, profile.data()), name);
    return profile;
  }
  heif_color_profile_nclx* read = nullptr;
  if (heif_image_handle_get_nclx_color_profile(handle, &read).code != heif_error_Ok) return {};
  const std::unique_ptr<heif_color_profile_nclx, FreeNclx> nclx(read);
  if (nclx->transfer_characteristics == heif_transfer_characteristic_ITU_R_BT_2100_0_PQ ||
      nclx->transfer_characteristics == heif_transfer_characteristic_ITU_R_BT_2100_0_HLG)
    throw std::runtime_error(fmt::format("is {} in HDR (PQ or HLG), expected one for ordinary displays", name));
  if (nclx->color_primaries == heif_color_primaries_SMPTE_EG_432_1) return make_profile(kP3Primaries);
  if (nclx->color_primaries == heif_color_primaries_ITU_R_BT_2020_2_and_2100_0) return make_profile(kBt2020Primaries);
  return {};
}

}  // namespace

Decoded decode_heif(std::string_view bytes, std::string_view name) {
  const std::unique_ptr<heif_context, FreeContext> context(heif_context_alloc());
  if (context == nullptr) throw std::bad_alloc();
  check(heif_context_read_from_memory_without_copy(context.get(), bytes.data(), bytes.size(), nullptr), name);
  heif_image_handle* primary = nullptr;
  check(heif_context_get_primary_image_handle(context.get(), &primary), name);
  const std::unique_ptr<heif_image_handle, ReleaseHandle> handle(primary);
  check_size(heif_image_handle_get_width(primary), heif_image_handle_get_height(primary));
  Decoded result;
  result.icc_profile = profile_of(primary, name);
  const bool has_alpha = heif_image_handle_has_alpha_channel(primary) != 0;
  const int bits = heif_image_handle_get_luma_bits_per_pixel(primary);
  const bool is_deep = bits > 8;
  const heif_chroma chroma = is_deep
                                 ? (has_alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE)
                                 : (has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB);
  heif_image* made = nullptr;
  check(heif_decode_image(primary, &made, heif_colorspace_RGB, chroma, nullptr), name);  // upright: irot and imir done
  const std::unique_ptr<heif_image, ReleaseImage> image(made);
  int stride = 0;
  const std::uint8_t* const plane = heif_image_get_plane_readonly(made, heif_channel_interleaved, &stride);
  const int width = heif_image_get_width(made, heif_channel_interleaved);
  const int height = heif_image_get_height(made, heif_channel_interleaved);
  if (plane == nullptr) check({heif_error_Decoder_plugin_error, heif_suberror_Unspecified, ""}, name);
  const cv::Mat rgb(height, width, CV_MAKETYPE(is_deep ? CV_16U : CV_8U, has_alpha ? 4 : 3),
                    const_cast<std::uint8_t*>(plane), static_cast<std::size_t>(stride));  // NOLINT: only read
  cv::cvtColor(rgb, result.pixels, has_alpha ? cv::COLOR_RGBA2BGRA : cv::COLOR_RGB2BGR);
  if (is_deep) {
    const int range = heif_image_get_bits_per_pixel_range(made, heif_channel_interleaved);
    result.pixels.convertTo(result.pixels, CV_16U, 65535.0 / ((1 << range) - 1));
  }
  return result;
}

#else

Decoded decode_heif(std::string_view /*bytes*/, std::string_view name) {
  throw std::runtime_error(fmt::format("is {}, which this build cannot read: it was built without libheif", name));
}

#endif

}  // namespace pocketstyle::media

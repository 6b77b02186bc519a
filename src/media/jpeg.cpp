// SPDX-License-Identifier: Apache-2.0
#include "media/decode.h"

#include <turbojpeg.h>

#include <memory>
#include <stdexcept>

namespace pocketstyle::media {
namespace {

struct FreeDecompressor {
  void operator()(void* handle) const { tjDestroy(handle); }
};

}  // namespace

/// libjpeg-turbo itself, as OpenCV has it print warnings and turns CMYK to RGB without its profile.
Decoded decode_jpeg(std::string_view bytes) {
  const std::unique_ptr<void, FreeDecompressor> handle(tjInitDecompress());
  if (handle == nullptr) throw std::bad_alloc();
  const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0, height = 0, sampling = 0, space = 0;
  Decoded result;
  const auto must = [&](int code) {  // warnings are about what the decoder can get over, such as superfluous bytes
    if (code == 0) return;
    if (tjGetErrorCode(handle.get()) != TJERR_WARNING)
      throw std::runtime_error("is not a picture that can be read, or is damaged");
    result.is_damaged = true;
  };
  must(tjDecompressHeader3(handle.get(), data, bytes.size(), &width, &height, &sampling, &space));
  check_size(width, height);
  result.is_cmyk = space == TJCS_CMYK || space == TJCS_YCCK;
  const int channels = result.is_cmyk ? 4 : space == TJCS_GRAY ? 1 : 3;
  result.pixels.create(height, width, CV_8UC(channels));
  const int format = result.is_cmyk ? TJPF_CMYK : channels == 1 ? TJPF_GRAY : TJPF_BGR;
  must(tjDecompress2(handle.get(), data, bytes.size(), result.pixels.data, width, static_cast<int>(result.pixels.step),
                     height, format, TJFLAG_ACCURATEDCT));
  return result;
}

}  // namespace pocketstyle::media

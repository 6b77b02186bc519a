// SPDX-License-Identifier: Apache-2.0
#include "media/tone_map.h"

#include "pocketstyle/core/error.h"

extern "C" {
#include <libavutil/mastering_display_metadata.h>
}

#include <algorithm>

namespace pocketstyle::media {
namespace {

constexpr double kWhiteNits = 203, kUsualPeakNits = 1000, kMostNits = 10000;

bool is_hdr(int transfer) {
  return transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67;
}

double light_level(const void* data) {
  return data == nullptr ? 0 : static_cast<const AVContentLightMetadata*>(data)->MaxCLL;
}
double mastering_level(const void* data) {
  if (data == nullptr) return 0;
  const auto& display = *static_cast<const AVMasteringDisplayMetadata*>(data);
  return display.has_luminance != 0 ? av_q2d(display.max_luminance) : 0;
}

const void* frame_data(const AVFrame& frame, AVFrameSideDataType type) {
  const AVFrameSideData* const side = av_frame_get_side_data(&frame, type);
  return side == nullptr ? nullptr : side->data;
}

}  // namespace

double peak_nits(const AVFrame& frame, const AVStream& stream) {
  for (const double nits : {light_level(frame_data(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL)),
                            light_level(stream_data(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL)),
                            mastering_level(frame_data(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA)),
                            mastering_level(stream_data(stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA))})
    if (nits > 0) return nits;
  return 0;
}

bool needs_tone_map(const ColorTags& colors) {
  return is_hdr(colors.transfer) || colors.primaries == AVCOL_PRI_BT2020 || colors.primaries == AVCOL_PRI_SMPTE431 ||
         colors.primaries == AVCOL_PRI_SMPTE432;
}

ToneMap::ToneMap(const std::string& source, const ColorTags& colors, double peak_nits) : source_(source) {
  const bool hdr = is_hdr(colors.transfer);
  if (!has_filter("zscale") || !has_filter("tonemap"))
    throw DataError("{}: is {}, and this build of FFmpeg has no zscale filter to bring it to ordinary displays", source,
                    hdr ? "HDR" : "of a wide gamut");
  // What is not said is taken as such files usually have it.
  const int primaries = colors.primaries == AVCOL_PRI_UNSPECIFIED ? AVCOL_PRI_BT2020 : colors.primaries;
  const int transfer = colors.transfer == AVCOL_TRC_UNSPECIFIED ? AVCOL_TRC_BT709 : colors.transfer;
  const int matrix = colors.matrix != AVCOL_SPC_UNSPECIFIED ? colors.matrix
                     : primaries == AVCOL_PRI_BT2020        ? AVCOL_SPC_BT2020_NCL
                                                            : AVCOL_SPC_BT709;
  const bool says_peak = peak_nits > 0 && colors.transfer == AVCOL_TRC_SMPTE2084;  // HLG is relative
  const double peak = std::clamp(says_peak ? peak_nits : kUsualPeakNits, kWhiteNits, kMostNits) / kWhiteNits;
  const std::string linear = fmt::format("zscale=pin={}:tin={}:min={}:t=linear:npl={},format=gbrpf32le,zscale=p=bt709",
                                         primaries, transfer, matrix, kWhiteNits);
  const std::string bent = hdr ? fmt::format(",tonemap=mobius:peak={:.4f}:desat=0", peak) : std::string();
  filters_ = linear + bent + ",zscale=t=bt709:r=full,format=gbrp,format=rgb24";
}

void ToneMap::convert(const AVFrame& from, AVFrame& to) {
  if (!chain_ || from.width != width_ || from.height != height_ || from.format != format_) {
    try {
      chain_.emplace(FilterChain::video(from, filters_));
    } catch (const Error& error) {
      throw DataError("{}: its colours cannot be brought to ordinary displays: {}", source_, error.what());
    }
    width_ = from.width, height_ = from.height, format_ = from.format;
  }
  const Frame copy(av_frame_clone(&from)), made(av_frame_alloc());
  if (copy == nullptr || made == nullptr) throw std::bad_alloc();
  if (copy->color_range == AVCOL_RANGE_UNSPECIFIED) copy->color_range = AVCOL_RANGE_MPEG;
  int code = chain_->push(copy.get());
  if (code >= 0) code = chain_->pull(*made);
  if (code < 0) throw DataError("{}: its colours cannot be brought to ordinary displays: {}", source_, av_reason(code));
  av_image_copy(to.data, to.linesize, const_cast<const std::uint8_t**>(made->data), made->linesize, AV_PIX_FMT_RGB24,
                to.width, to.height);
}

}  // namespace pocketstyle::media

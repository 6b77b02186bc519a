// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/filter.h"

#include <optional>
#include <string>

namespace pocketstyle::media {

/// Whether frames with these tags are not for ordinary displays: HDR (PQ, HLG), or with wider primaries than BT.709.
bool needs_tone_map(const ColorTags& colors);
inline constexpr ColorTags kBt709{.primaries = AVCOL_PRI_BT709, .transfer = AVCOL_TRC_BT709, .matrix = AVCOL_SPC_BT709};

/// Frames to RGB as an ordinary display shows them, BT.709, full range: 203 nits, what BT.2408 has for white in HDR,
/// come near white, and brighter light is bent down to it.
class ToneMap {
 public:
  /// `peak_nits`: of the brightest light; 0: not known. Throws DataError: this FFmpeg cannot.
  ToneMap(const std::string& source, const ColorTags& colors, double peak_nits);
  /// `to`: RGB24 of the same size.
  void convert(const AVFrame& from, AVFrame& to);

 private:
  std::string source_, filters_;
  std::optional<FilterChain> chain_;
  int width_ = 0, height_ = 0, format_ = -1;
};

/// The brightest light that a frame or its stream says it has, in nits; 0: not said.
double peak_nits(const AVFrame& frame, const AVStream& stream);

}  // namespace pocketstyle::media

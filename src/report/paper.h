// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace pocketstyle::report {

// What Fei, Liu and Li print (Laser & Optoelectronics Progress 57, 061021, 2020), tables 1 to 3. Convolution kernels only.
struct PaperRow {
  std::string_view layer;
  std::int64_t before, after;
};
inline constexpr std::array kPaperRows = {
    PaperRow{"Conv1", 7776, 7776},     PaperRow{"Conv2", 18432, 18432},   PaperRow{"Conv3", 73728, 73728},
    PaperRow{"Res1", 294912, 53248},   PaperRow{"Res2", 294912, 53248},   PaperRow{"Res3", 294912, 53248},
    PaperRow{"Res4", 294912, 53248},   PaperRow{"Res5", 294912, 53248},   PaperRow{"Deconv1", 73728, 73728},
    PaperRow{"Deconv2", 18432, 18432}, PaperRow{"Deconv3", 7776, 7776}};
inline constexpr PaperRow kPaperPrintedTotal{"Total", 1674432, 363712};
inline constexpr double kPaperPrintedPercent = 78.3;
inline constexpr double kPaperPrintedMbBefore = 21.1, kPaperPrintedMbAfter = 4.4, kPaperPrintedRatio = 4.56;
inline constexpr double kPaperSpeedUpLow = 1.23, kPaperSpeedUpHigh = 1.57;

}  // namespace pocketstyle::report

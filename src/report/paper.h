// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace pocketstyle::report {

// What Fei, Liu and Li print (Laser & Optoelectronics Progress 57, 061021, 2020; doi 10.3788/LOP57.061021), as printed.

/// Tables 1 and 2: parameters of the convolution kernels before and after compression, and the share saved in percent.
struct PaperRow {
  std::string_view layer;
  std::int64_t before, after;
  double saved_percent;
};
inline constexpr std::array kPaperRows = {
    PaperRow{"Conv1", 7776, 7776, 0},      PaperRow{"Conv2", 18432, 18432, 0},    PaperRow{"Conv3", 73728, 73728, 0},
    PaperRow{"Res1", 294912, 53248, 81.9}, PaperRow{"Res2", 294912, 53248, 81.9}, PaperRow{"Res3", 294912, 53248, 81.9},
    PaperRow{"Res4", 294912, 53248, 81.9}, PaperRow{"Res5", 294912, 53248, 81.9}, PaperRow{"Deconv1", 73728, 73728, 0},
    PaperRow{"Deconv2", 18432, 18432, 0},  PaperRow{"Deconv3", 7776, 7776, 0}};
inline constexpr PaperRow kPaperTotal{"Total", 1674432, 363712, 78.3};

/// Table 3: time before and after compression, milliseconds; the sizes are the same for all four models.
struct PaperTiming {
  std::string_view model;
  int ms_before, ms_after;
  double speed_up;
};
inline constexpr std::array kPaperTimings = {
    PaperTiming{"Wave", 6937, 4590, 1.51}, PaperTiming{"Feathers", 6851, 5314, 1.29},
    PaperTiming{"Mosaic", 6950, 4421, 1.57}, PaperTiming{"Denoised", 4420, 3571, 1.23}};
inline constexpr double kPaperMbBefore = 21.1, kPaperMbAfter = 4.4, kPaperSizeRatio = 4.56;

}  // namespace pocketstyle::report

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace pocketstyle::report {

// The numbers printed by Pei, Liu and Li (Laser & Optoelectronics Progress 57, 061021, 2020; doi 10.3788/LOP57.061021).

/// Table 1: each layer's share of the original network's parameters, in percent.
struct PaperShare {
  std::string_view layer;
  double percent;
};
inline constexpr std::array kPaperShares = {
    PaperShare{"Conv1", 0.4},   PaperShare{"Conv2", 1.1},   PaperShare{"Conv3", 4.4},  PaperShare{"Res1", 17.6},
    PaperShare{"Res2", 17.6},   PaperShare{"Res3", 17.6},   PaperShare{"Res4", 17.6},  PaperShare{"Res5", 17.6},
    PaperShare{"Deconv1", 4.4}, PaperShare{"Deconv2", 1.1}, PaperShare{"Deconv3", 0.4}};

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

/// Table 4: the paper's application on phones.
struct PaperPhone {
  std::string_view brand, model;
  double install_s, initialise_s, cpu_percent;
};
inline constexpr std::array kPaperPhones = {
    PaperPhone{"Huawei", "P10 Plus", 3.85, 0.83, 1.00}, PaperPhone{"Huawei", "Honor 9", 3.31, 0.72, 0.13},
    PaperPhone{"Huawei", "Honor 7X", 4.38, 1.16, 0.82}, PaperPhone{"360", "N5S", 5.71, 0.97, 1.07},
    PaperPhone{"Vivo", "V173CA", 5.15, 1.56, 1.78},     PaperPhone{"Sony", "Xperia XA", 9.47, 1.38, 4.27}};

}  // namespace pocketstyle::report

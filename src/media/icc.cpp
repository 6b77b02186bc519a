// SPDX-License-Identifier: Apache-2.0
#include "media/icc.h"

#include <lcms2.h>
#include <opencv2/imgproc.hpp>

#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>

namespace pocketstyle::media {
namespace {

struct CloseProfile {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
struct DeleteTransform {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
struct FreeCurve {
  void operator()(cmsToneCurve* curve) const { cmsFreeToneCurve(curve); }
};
using Profile = std::unique_ptr<void, CloseProfile>;
using Transform = std::unique_ptr<void, DeleteTransform>;

constexpr cmsUInt32Number kIntent = INTENT_PERCEPTUAL;

std::string description(cmsHPROFILE profile) {
  std::array<char, 256> text{};
  cmsGetProfileInfoASCII(profile, cmsInfoDescription, "en", "US", text.data(), text.size());
  return text[0] == '\0' ? "a profile without a name" : text.data();
}

/// Whether no colour moves by more than a level: then rounding would be all that the conversion does.
bool is_srgb(cmsHPROFILE profile, cmsHPROFILE srgb) {
  const Transform transform(cmsCreateTransform(profile, TYPE_RGB_8, srgb, TYPE_RGB_8, kIntent, cmsFLAGS_NOOPTIMIZE));
  if (transform == nullptr) return false;
  constexpr int kStep = 51;
  for (int r = 0; r < 256; r += kStep)
    for (int g = 0; g < 256; g += kStep)
      for (int b = 0; b < 256; b += kStep) {
        const std::array<std::uint8_t, 3> in{static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g),
                                             static_cast<std::uint8_t>(b)};
        std::array<std::uint8_t, 3> out{};
        cmsDoTransform(transform.get(), in.data(), out.data(), 1);
        for (std::size_t c = 0; c < 3; ++c)
          if (std::abs(in[c] - out[c]) > 1) return false;
      }
  return true;
}

void convert(cv::Mat& pixels, cv::Mat& target, cmsHTRANSFORM transform) {
  for (int y = 0; y < pixels.rows; ++y)
    cmsDoTransform(transform, pixels.ptr(y), target.ptr(y), static_cast<cmsUInt32Number>(pixels.cols));
}

/// Ink on ink, as nothing better is known.
void cmyk_to_bgr(cv::Mat& pixels) {
  cv::Mat bgr(pixels.size(), CV_8UC3);
  bgr.forEach<cv::Vec3b>([&](cv::Vec3b& pixel, const int* at) {
    const auto& cmyk = pixels.at<cv::Vec4b>(at[0], at[1]);
    for (int c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>((cmyk[2 - c] * cmyk[3] + 127) / 255);
  });
  pixels = bgr;
}

cmsUInt32Number rgb_type(bool is_deep, bool has_alpha) {
  if (has_alpha) return is_deep ? TYPE_BGRA_16 : TYPE_BGRA_8;
  return is_deep ? TYPE_BGR_16 : TYPE_BGR_8;
}

}  // namespace

bool are_srgb(const Primaries& p) {
  constexpr double kNear = 0.003;
  const auto near = [](double a, double b) { return std::abs(a - b) < kNear; };
  const Primaries& s = kSrgbPrimaries;
  return near(p.white_x, s.white_x) && near(p.white_y, s.white_y) && near(p.red_x, s.red_x) && near(p.red_y, s.red_y) &&
         near(p.green_x, s.green_x) && near(p.green_y, s.green_y) && near(p.blue_x, s.blue_x) &&
         near(p.blue_y, s.blue_y);
}

std::string make_profile(const Primaries& p, std::optional<double> gamma) {
  const cmsCIExyY white{p.white_x, p.white_y, 1};
  const cmsCIExyYTRIPLE rgb{{p.red_x, p.red_y, 1}, {p.green_x, p.green_y, 1}, {p.blue_x, p.blue_y, 1}};
  constexpr std::array<double, 5> kSrgbCurve{2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  const std::unique_ptr<cmsToneCurve, FreeCurve> curve(
      gamma ? cmsBuildGamma(nullptr, *gamma) : cmsBuildParametricToneCurve(nullptr, 4, kSrgbCurve.data()));
  if (curve == nullptr) return {};
  const std::array<cmsToneCurve*, 3> curves{curve.get(), curve.get(), curve.get()};
  const Profile profile(cmsCreateRGBProfile(&white, &rgb, curves.data()));
  cmsUInt32Number size = 0;
  if (profile == nullptr || cmsSaveProfileToMem(profile.get(), nullptr, &size) == 0) return {};
  std::string bytes(size, '\0');
  return cmsSaveProfileToMem(profile.get(), bytes.data(), &size) != 0 ? bytes : std::string();
}

Conversion to_srgb(Decoded& picture) {
  Conversion done;
  cv::Mat& pixels = picture.pixels;
  const bool is_grey = pixels.channels() == 1, is_deep = pixels.depth() == CV_16U;
  const auto without = [&](bool is_unusable) {
    if (picture.is_cmyk) cmyk_to_bgr(pixels);
    picture.is_cmyk = false;
    done.is_unusable = is_unusable;
    return done;
  };
  if (picture.icc_profile.empty()) return without(false);
  const Profile profile(
      cmsOpenProfileFromMem(picture.icc_profile.data(), static_cast<cmsUInt32Number>(picture.icc_profile.size())));
  const Profile srgb(cmsCreate_sRGBProfile());
  if (profile == nullptr || srgb == nullptr) return without(true);
  const cmsColorSpaceSignature space = cmsGetColorSpace(profile.get());
  if (picture.is_cmyk) {
    const Transform transform(
        space == cmsSigCmykData ? cmsCreateTransform(profile.get(), TYPE_CMYK_8_REV, srgb.get(), TYPE_BGR_8, kIntent, 0)
                                : nullptr);
    if (transform == nullptr) return without(true);
    cv::Mat bgr(pixels.size(), CV_8UC3);
    convert(pixels, bgr, transform.get());
    pixels = bgr;
    picture.is_cmyk = false;
  } else if (is_grey && space == cmsSigGrayData) {
    const Transform transform(cmsCreateTransform(profile.get(), is_deep ? TYPE_GRAY_16 : TYPE_GRAY_8, srgb.get(),
                                                 rgb_type(is_deep, false), kIntent, 0));
    if (transform == nullptr) return without(true);
    cv::Mat bgr(pixels.size(), CV_MAKETYPE(pixels.depth(), 3));
    convert(pixels, bgr, transform.get());
    pixels = bgr;
  } else if (space == cmsSigRgbData) {
    if (is_srgb(profile.get(), srgb.get())) return done;
    if (is_grey) cv::cvtColor(pixels, pixels, cv::COLOR_GRAY2BGR);
    const cmsUInt32Number type = rgb_type(is_deep, pixels.channels() == 4);
    const Transform transform(cmsCreateTransform(profile.get(), type, srgb.get(), type, kIntent, cmsFLAGS_COPY_ALPHA));
    if (transform == nullptr) return without(true);
    convert(pixels, pixels, transform.get());
  } else {
    return without(true);
  }
  done.profile = description(profile.get());
  return done;
}

}  // namespace pocketstyle::media

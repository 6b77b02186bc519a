// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/media/quality.h"

#include "media/mat.h"

#include "pocketstyle/core/error.h"

#ifdef POCKETSTYLE_BRISQUE_FOLDER
#include <opencv2/imgproc.hpp>
#include <opencv2/quality/qualitybrisque.hpp>
#endif

#include <cmath>
#include <filesystem>

namespace pocketstyle::media {

#ifdef POCKETSTYLE_BRISQUE_FOLDER

struct Brisque::Impl {
  cv::Ptr<cv::quality::QualityBRISQUE> brisque;
};

Brisque::Brisque() : impl_(std::make_unique<Impl>()) {
  const std::filesystem::path folder = POCKETSTYLE_BRISQUE_FOLDER;
  const auto model = folder / "brisque_model_live.yml", range = folder / "brisque_range_live.yml";
  for (const auto& path : {model, range})
    if (!std::filesystem::exists(path))
      throw DataError("{}: missing; Debian's package opencv-data has it", path.string());
  try {
    impl_->brisque = cv::quality::QualityBRISQUE::create(model.string(), range.string());
  } catch (const cv::Exception& error) {
    throw DataError("{}: OpenCV cannot read it: {}", model.string(), first_line(error.err));
  }
}

double Brisque::score(const Image& image) const {
  try {
    cv::Mat bgr;
    cv::cvtColor(view_of(image), bgr, cv::COLOR_RGB2BGR);
    const double score = impl_->brisque->compute(bgr)[0];
    if (std::isfinite(score)) return score;
  } catch (const cv::Exception& error) {
    throw RuntimeFailure("BRISQUE of a picture of {}x{}: {}", image.width, image.height, first_line(error.err));
  }
  throw RuntimeFailure("BRISQUE of a picture of {}x{} is not a number", image.width, image.height);
}

#else

struct Brisque::Impl {};

Brisque::Brisque() {
  throw DataError("this build's OpenCV has no quality module");
}

double Brisque::score(const Image& /*image*/) const {
  return std::nan("");
}

#endif

Brisque::~Brisque() = default;
Brisque::Brisque(Brisque&&) noexcept = default;

}  // namespace pocketstyle::media

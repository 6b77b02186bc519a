// SPDX-License-Identifier: Apache-2.0
#include "export/verify.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/media/photo_files.h"
#include "pocketstyle/media/tensor.h"

#include <algorithm>
#include <limits>

namespace pocketstyle::exporting {
namespace fs = std::filesystem;
namespace {

/// The difference between two networks on the pictures of the cases.
double psnr_between(std::span<const ParityCase> a, std::span<const ParityCase> b) {
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    squares += (a[i].expected - b[i].expected).to(torch::kFloat64).square().mean().item<double>();
  return psnr_db(squares / static_cast<double>(a.size()));
}

Calibration calibrate_on(const fs::path& folder, const nn::StyleNet& net, const Graph& graph,
                         const ExportOptions& options) {
  constexpr std::size_t kPhotos = 16;
  constexpr std::int64_t kLongSide = 256;
  std::vector<torch::Tensor> photos;
  for (const fs::path& path : media::find_photos(folder).photos) {
    if (photos.size() == kPhotos) break;
    media::Image photo = media::resize_long_side(media::load_image(path), kLongSide);
    if (options.static_hw) photo = media::resize(photo, options.static_hw->second, options.static_hw->first);
    photos.push_back(media::to_tensor_nchw255(photo) / 255);
  }
  if (photos.size() < 2) throw UsageError("{}: int8-static needs two or more photos for calibration", folder.string());
  Calibration calibration;
  std::vector<torch::Tensor> measured;
  const Runner trained = runner_of(net);
  for (std::size_t i = 0; i < photos.size(); ++i) {
    if (i % 2 == 0)
      measured.push_back(photos[i]);
    else
      calibration.cases.push_back({photos[i], trained(photos[i])});
  }
  calibration.ranges = calibrate(graph, measured);
  return calibration;
}

/// The first difference that is too large, as text; empty if there is none.
std::string failure_of(const ExportResult& result) {
  const bool gives_bytes = formats::is_bytes(formats::spec_of(result.format).io);
  const double allowed = result.tolerance + (gives_bytes ? 0.5 / 255 : 0.0);  // rounding
  for (const Parity& p : result.parity)
    if (!(p.max_difference <= allowed))
      return fmt::format(
          "at {}x{} the {} runtime differs from the trained network by {:.3g}, at most {:.3g} is allowed", p.height,
          p.width, p.runtime, p.max_difference, allowed);
  return "";
}

}  // namespace

double tolerance_for(double conditioning) {
  return std::clamp(kToleranceFactor * conditioning, kLeastTolerance, kMostTolerance);
}

Verifier::Key Verifier::key_of(const ExportResult& result) const {
  const formats::FormatSpec& spec = formats::spec_of(result.format);
  return {result.precision, options_.static_hw && spec.static_sizes ? kFixedSize : spec.side_multiple};
}

const Verifier::Stored& Verifier::stored(const Key& key) {
  if (const auto found = stored_.find(key); found != stored_.end()) return found->second;
  const auto [precision, sides] = key;
  const nn::StyleNet net = precision == Precision::fp32 ? net_ : rounded_net(net_, precision);
  Stored made;
  made.cases = sides == kFixedSize ? make_cases(net, {*options_.static_hw}) : make_cases(net, usual_sizes(sides));
  made.psnr_db = precision == Precision::fp32 ? std::numeric_limits<double>::infinity()
                                              : psnr_between(made.cases, stored({Precision::fp32, sides}).cases);
  const Runtime ours{.name = "", .run = runner_of(net), .bytecode = {}};
  for (const Parity& parity : measure_parity(ours, made.cases))
    made.conditioning = std::max(made.conditioning, parity.max_difference);
  return stored_[key] = std::move(made);
}

const Calibration& Verifier::calibration() {
  if (!calibration_) calibration_ = calibrate_on(options_.calibration, net_, graph_, options_);
  return *calibration_;
}

const Ranges& Verifier::ranges(Precision precision) {
  static const Ranges kNone;
  return precision == Precision::int8_static ? calibration().ranges : kNone;
}

void Verifier::verify(ExportResult& result, std::span<const Runtime> runtimes) {
  if (result.precision == Precision::int8_static) return verify_static(result, runtimes);
  const Stored& reference = stored(key_of(result));
  result.precision_psnr_db = reference.psnr_db;
  result.conditioning = reference.conditioning;
  result.tolerance = options_.tolerance.value_or(tolerance_for(reference.conditioning));
  for (const Runtime& runtime : runtimes)
    for (const Parity& parity : measure_parity(runtime, reference.cases)) result.parity.push_back(parity);
  result.failure = failure_of(result);
}

/// The accuracy loss of an int8_static file.
void Verifier::verify_static(ExportResult& result, std::span<const Runtime> runtimes) {
  for (const Runtime& runtime : runtimes) {
    double mean = 0, psnr = std::numeric_limits<double>::infinity();
    const std::vector<Parity> parity = measure_parity(runtime, calibration().cases);
    for (const Parity& one : parity) {
      mean += one.mean_difference / static_cast<double>(parity.size());
      psnr = std::min(psnr, one.psnr_db);
      result.parity.push_back(one);
    }
    result.mean_diff_percent = 100 * mean;
    result.precision_psnr_db = psnr;
  }
  if (!(*result.mean_diff_percent <= options_.max_mean_diff_percent))
    result.failure = fmt::format(
        "its pictures differ from the trained network's by {:.2f}% of the range on average, at most {:.2f}% is allowed "
        "(--max-mean-diff)",
        *result.mean_diff_percent, options_.max_mean_diff_percent);
  const Key key = key_of(result);
  if (stored_.contains(key)) return;
  Stored first;
  for (const ParityCase& one : stored({Precision::fp32, key.second}).cases)
    first.cases.push_back({one.picture, runtimes.front().run(one.picture)});
  stored_[key] = std::move(first);
}

std::span<const ParityCase> Verifier::cases(const ExportResult& result) const {
  return stored_.at(key_of(result)).cases;
}

}  // namespace pocketstyle::exporting

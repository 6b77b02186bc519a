// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace pocketstyle::evaluate {

/// The weighted terms of the loss on one photo.
struct PhotoLoss {
  double content = 0, style = 0, tv = 0;
  [[nodiscard]] double total() const { return content + style + tv; }
};

/// One network or exported file on the held-out photos.
struct Evaluation {
  std::string file;
  std::vector<PhotoLoss> photos;
  [[nodiscard]] PhotoLoss mean() const;
};

/// The held-out loss of each file, as train measures it: style, loss weights and photos are the configuration's.
/// Pictures go through the first runtime of load_file, so what is evaluated is what is exported. Throws UsageError (no
/// held-out photos), and what load_file throws.
std::vector<Evaluation> evaluate(const config::Config& config, std::span<const std::filesystem::path> files);

/// A difference of mean total losses in percent of the baseline's, with a 95% interval by bootstrap over the photos,
/// which both were measured on (paired; 2,000 resamples, seeded).
struct Difference {
  double percent = 0, low_percent = 0, high_percent = 0;
};
Difference compare(const Evaluation& evaluation, const Evaluation& baseline);

}  // namespace pocketstyle::evaluate

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

#include <optional>
#include <string>

namespace pocketstyle::run {

/// What the weights depend on that the configuration does not say.
struct Surroundings {
  std::string libtorch;                     ///< its version
  std::string vgg_sha256;                   ///< of the VGG-16 weights
  std::string teacher_sha256, init_sha256;  ///< of the weights that teacher.net and train.init name; unused without
  std::string precision = "fp32";           ///< of convolutions: "fp32" or "bf16"
  double style_weight = 0;                  ///< that the run uses: by loss.strength or loss.style
  int processes = 1;                        ///< that train together
};

/// What the weights depend on besides the code, as JSON: kept in every checkpoint and weights file. Reads the style
/// pictures; throws DataError.
std::string make_provenance(const config::Config& config, const Surroundings& surroundings);

/// What a checkpoint says of its origin.
struct Origin {
  std::string config_yaml;      ///< the effective configuration
  std::string provenance_json;  ///< make_provenance()
};

/// The style weight that the run began with; none if it does not say.
std::optional<double> style_weight_of(const Origin& origin);

/// Throws UsageError naming the first key whose value, or whose file's content, is not the one that the run in `where`
/// began with although it must be (config::Resume). Keys that an older version did not have count as their defaults.
/// Logs a warning where the run can go on but will not equal an unbroken one.
void check_can_resume(const Origin& began, const Origin& goes_on, const std::string& where);

}  // namespace pocketstyle::run

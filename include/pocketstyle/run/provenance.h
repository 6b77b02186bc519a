// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace pocketstyle::run {

/// What a run started from.
struct Init {
  std::string name = config::kInitNone;  ///< "base", "none", or the name of a file or folder
  std::string sha256;                    ///< of the weights; empty for "none"
};

/// Facts that determine the weights and are not in the configuration.
struct Surroundings {
  std::string libtorch;        ///< its version
  std::string vgg_sha256;      ///< of the VGG-16 weights
  std::string teacher_sha256;  ///< of teacher.net, if set
  Init init{};
  std::string precision = "fp32";  ///< of convolutions: "fp32" or "bf16"
  double style_weight = 0;         ///< in use, from loss.strength or loss.style
  int processes = 1;               ///< number of processes that train together
};

/// Everything besides the code that determines the weights, as JSON; stored in every checkpoint and weights file. Reads
/// the style pictures; throws DataError.
std::string make_provenance(const config::Config& config, const Surroundings& surroundings);

/// How a network was trained, as far as its provenance says: the name of its style and some settings. What is not
/// recorded is empty or 0.
struct TrainedAs {
  std::string style;  ///< file name of the style picture, without extension
  std::int64_t steps = 0, batch = 0, crop = 0;
};
/// From the metadata of a weights file, checkpoint or export (kProvenanceKey). Never throws: files made elsewhere may
/// have no provenance, or an invalid one.
TrainedAs trained_as(const std::map<std::string, std::string>& metadata);

/// The origin of a checkpoint.
struct Origin {
  std::string config_yaml;      ///< the effective configuration
  std::string provenance_json;  ///< make_provenance()
  /// The network in the checkpoint, where there is one: a preset in `config_yaml` may have had other numbers then.
  std::optional<config::Architecture> net = {};
};

/// The style weight that the run started with; empty if it is not recorded.
std::optional<double> style_weight_of(const Origin& origin);
/// What the run started from, as far as it is recorded.
Init init_of(const Origin& origin);
/// `provenance_json` with another number of steps.
std::string with_steps(const std::string& provenance_json, std::int64_t steps);

/// Throws UsageError naming the first key whose value or file content must not change when the run in `where` is
/// resumed but did (config::Resume). Keys that an older version did not have are compared as their defaults. Logs a
/// warning where the run can continue but will differ from an uninterrupted one.
void check_can_resume(const Origin& began, const Origin& goes_on, const std::string& where);

}  // namespace pocketstyle::run

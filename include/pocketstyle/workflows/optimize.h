// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/optimize/options.h"
#include "pocketstyle/run/loss_terms.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

inline constexpr int kTimedPasses = 5;  ///< timed passes of each network that is compared with the optimised picture

struct OptimizeOptions {
  std::filesystem::path photo, output;
  std::filesystem::path style;         ///< the style picture; empty: the configuration's
  std::filesystem::path config;        ///< gives style and loss; empty: the defaults
  std::vector<std::string> overrides;  ///< overrides of its keys
  std::vector<std::string> models;     ///< files or shipped models to compare with
  optimize::Options optimizer;
  std::int64_t size = 512;  ///< maximum long side of the result; smaller photos are not enlarged
  int quality = 92;         ///< JPEG and WebP quality
  int threads = 0;          ///< 0: one per core
  bool force = false;       ///< overwrite an existing result
};

/// A row of the table: how the picture was made, its loss when saved with 8 bits per channel, and how long it took.
struct OptimizedPicture {
  std::string name;
  run::LossTerms losses;
  double seconds = 0;  ///< 0: not timed
};

struct OptimizeOutcome {
  run::LossTerms start, best;
  std::int64_t evaluations = 0;
  bool stopped = false;
  std::vector<OptimizedPicture> pictures{};  ///< the optimised one, then the photo itself, then the models' outputs
};

/// Optimises one photo's pixels until it has the style.
class Optimizing {
 public:
  /// Loads everything. Throws UsageError (no style, the output exists or cannot be written), DataError (a picture or
  /// model cannot be read, the photo is too small).
  explicit Optimizing(const OptimizeOptions& options);
  ~Optimizing();
  Optimizing(const Optimizing&) = delete;
  Optimizing& operator=(const Optimizing&) = delete;

  [[nodiscard]] std::int64_t width() const;
  [[nodiscard]] std::int64_t height() const;
  /// Works until all evaluations are done or `stop` becomes true, saves the best picture, and, unless stopped, compares
  /// it with the models' outputs. `report` is called after every evaluation. Call once per object.
  OptimizeOutcome run(const std::function<void(const optimize::Progress&)>& report, const std::atomic<bool>& stop);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pocketstyle::workflows

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

inline constexpr int kTimedPasses = 5;  ///< of each network that stands beside the optimised picture

struct OptimizeOptions {
  std::filesystem::path photo, output;
  std::filesystem::path style;         ///< the style picture; empty: the configuration's
  std::filesystem::path config;        ///< whose style and loss are used; empty: the defaults
  std::vector<std::string> overrides;  ///< of its keys
  std::vector<std::string> models;     ///< files or shipped models that stand beside it
  optimize::Options optimizer;
  std::int64_t size = 512;  ///< longest side of the result; smaller photos keep theirs
  int quality = 92;         ///< of JPEG and WebP
  int threads = 0;          ///< 0: one a core
  bool force = false;       ///< replace a result that is there
};

/// A picture in the table: what it was made by, its loss when it is saved with 8 bits a channel, and how long it took.
struct OptimizedPicture {
  std::string name;
  run::LossTerms losses;
  double seconds = 0;  ///< 0: nothing was timed
};

struct OptimizeOutcome {
  run::LossTerms start, best;
  std::int64_t evaluations = 0;
  bool stopped = false;
  std::vector<OptimizedPicture> pictures{};  ///< the optimised one first, then the photo itself and the models', if any
};

/// One photo, which is changed itself until it is in the style.
class Optimizing {
 public:
  /// Loads everything. Throws UsageError (no style, the output is there or cannot be written), DataError (a picture or
  /// model cannot be read, the photo is too small).
  explicit Optimizing(const OptimizeOptions& options);
  ~Optimizing();
  Optimizing(const Optimizing&) = delete;
  Optimizing& operator=(const Optimizing&) = delete;

  [[nodiscard]] std::int64_t width() const;
  [[nodiscard]] std::int64_t height() const;
  /// Works until all evaluations are done or `stop` becomes true, saves the best picture, and compares it with the
  /// models' unless it was stopped. `report` hears of every evaluation. Once per object.
  OptimizeOutcome run(const std::function<void(const optimize::Progress&)>& report, const std::atomic<bool>& stop);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pocketstyle::workflows

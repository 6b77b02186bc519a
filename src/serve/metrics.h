// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/run/metrics.h"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pocketstyle::serve {

struct LossPoint {
  std::int64_t step = 0;
  run::LossTerms terms{};
  double total = 0;
  bool operator==(const LossPoint&) const = default;
};
struct ValidationPoint {
  std::int64_t step = 0;
  double total = 0;
  bool operator==(const ValidationPoint&) const = default;
};

/// Follows a run's metrics.jsonl (docs/formats.md) while another process writes it.
class MetricsReader {
 public:
  explicit MetricsReader(std::filesystem::path file) : file_(std::move(file)) {}
  ~MetricsReader();
  MetricsReader(const MetricsReader&) = delete;
  MetricsReader& operator=(const MetricsReader&) = delete;

  /// Reads new records. A file that was replaced, as when a run resumes, is read from the start; a missing file has no
  /// points. Lines that are incomplete or cannot be parsed are skipped.
  void refresh();

  [[nodiscard]] const std::vector<LossPoint>& losses() const { return losses_; }
  [[nodiscard]] const std::vector<ValidationPoint>& validation() const { return validation_; }
  /// The number of steps of a run with a time limit, once it is known.
  [[nodiscard]] std::optional<std::int64_t> planned_steps() const { return planned_steps_; }
  /// Over the newest steps; 0 before the first.
  [[nodiscard]] double images_per_s() const { return newest(&Pace::images_per_s); }
  [[nodiscard]] double seconds_per_step() const { return newest(&Pace::seconds); }

 private:
  struct Pace {
    double images_per_s = 0, seconds = 0;
  };
  [[nodiscard]] double newest(double Pace::*what) const;
  void forget();
  bool open_current();
  void take(const run::MetricsRecord& record);

  std::filesystem::path file_;
  int descriptor_ = -1;  ///< stays open, so that no other file gets its number
  off_t position_ = 0;
  std::string partial_;  ///< incomplete last line
  std::vector<LossPoint> losses_;
  std::vector<ValidationPoint> validation_;
  std::vector<Pace> paces_;  ///< one per element of losses_
  std::optional<std::int64_t> planned_steps_;
};

}  // namespace pocketstyle::serve

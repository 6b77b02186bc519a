// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/run/loss_terms.h"
#include "pocketstyle/run/phase_seconds.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pocketstyle::run {

// The records of metrics.jsonl (docs/formats.md), one per line. `total` is the value in the file.

struct StepRecord {
  std::int64_t step = 0;
  LossTerms loss{};
  double total = 0;
  double gradient_norm = 0, learning_rate = 0, images_per_s = 0;
  PhaseSeconds seconds{};
};
/// Mean over the validation photos; its kind in the file is "held_out".
struct ValidationRecord {
  std::int64_t step = 0;
  LossTerms loss{};
  double total = 0;
};
struct RollbackRecord {
  std::int64_t step = 0, from_step = 0;
  std::string why;
};
/// The number of steps computed from train.minutes, after `step` steps.
struct PlanRecord {
  std::int64_t step = 0, steps = 0;
  double minutes = 0, seconds_per_step = 0, seconds_left = 0;
};
using MetricsRecord = std::variant<StepRecord, ValidationRecord, RollbackRecord, PlanRecord>;

/// The record as a line of JSON, without the line end.
std::string to_line(const MetricsRecord& record);
/// Empty if the line is incomplete, of an unknown kind, or has no finite total. Other missing numbers are 0.
std::optional<MetricsRecord> parse_line(const std::string& line);

/// All records of a file that parse_line() understands; empty if there is no such file. Throws DataError.
std::vector<MetricsRecord> read_metrics(const std::filesystem::path& file);

/// Appends records to a run's metrics file, flushing each.
class MetricsWriter {
 public:
  /// Keeps existing lines up to `last_step`; -1: none. Throws DataError.
  MetricsWriter(std::filesystem::path file, std::int64_t last_step);
  void write(const MetricsRecord& record);
  /// Drops the lines of later steps and incomplete lines. Throws DataError.
  void drop_after(std::int64_t last_step);

 private:
  std::filesystem::path file_;
  std::ofstream out_;
};

}  // namespace pocketstyle::run

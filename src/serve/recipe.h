// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::serve {

/// The amount of training of a job.
struct Budget {
  std::string_view name, title;
  double minutes;  ///< if crop is 0: that of the base configuration, if it has one
  std::int64_t crop, window_max, held_out_size, style_size;  ///< 0: that of the base configuration
};
inline constexpr std::array kBudgets = {
    Budget{"quick", "Quick look", 1, 64, 120, 128, 256},
    Budget{"standard", "Standard", 5, 0, 0, 0, 0},
    Budget{"full", "Full quality", 60, 256, 360, 256, 384},
};
inline constexpr std::string_view kDefaultBudget = "standard", kDefaultPreset = "mini";

// Limits for requests.
inline constexpr std::size_t kMaxNameCharacters = 60;
inline constexpr std::int64_t kMaxSteps = 100000;
inline constexpr double kMinMinutes = 0.1, kMaxMinutes = 1440;
inline constexpr double kMinStrength = 0.1, kMaxStrength = 10;
inline constexpr std::size_t kMaxKeyBytes = 200;

/// The fields of a request for a new job, as received.
struct JobRequest {
  std::string name, preset, budget;
  std::string steps, strength, minutes{};  ///< may be empty; one of minutes and steps, in place of the budget's
};

/// The resulting job.
struct Recipe {
  std::string name, preset, budget;
  config::Config config;  ///< complete except for run.threads
};

/// "5 minutes", or "600 steps" if `minutes` is 0.
std::string length_text(double minutes, std::int64_t steps);

/// The server's base configuration, and the budgets with its numbers filled in.
class Recipes {
 public:
  /// Throws UsageError if jobs cannot be based on `base`.
  explicit Recipes(std::filesystem::path base);
  /// Throws UsageError naming the field that is wrong.
  [[nodiscard]] Recipe recipe(const JobRequest& request, const std::filesystem::path& style,
                              const std::filesystem::path& run) const;
  [[nodiscard]] Budget budget(const Budget& budget) const;  ///< without zeros
  [[nodiscard]] double default_strength() const { return config_.loss.strength; }

 private:
  /// `steps`: 0 if the budget's minutes decide.
  [[nodiscard]] std::vector<std::string> overrides(const Budget& budget, std::int64_t steps) const;
  std::filesystem::path base_;
  config::Config config_;
};

}  // namespace pocketstyle::serve

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

/// How much work a job is to be.
struct Budget {
  std::string_view name, title;
  std::int64_t steps, crop, window_max, held_out_size, style_size;  ///< 0: as the base configuration has it
};
inline constexpr std::array kBudgets = {
    Budget{"quick", "Quick look", 60, 64, 120, 128, 256},
    Budget{"standard", "Standard", 0, 0, 0, 0, 0},
    Budget{"full", "Full quality", 4000, 256, 360, 256, 384},
};
inline constexpr std::string_view kDefaultBudget = "standard", kDefaultPreset = "mini";

// What a request may ask for.
inline constexpr std::size_t kMaxNameCharacters = 60;
inline constexpr std::int64_t kMaxSteps = 100000;
inline constexpr double kMinStrength = 0.1, kMaxStrength = 10;
inline constexpr std::size_t kMaxKeyBytes = 200;

/// The texts of a request for a new job, as they came.
struct JobRequest {
  std::string name, preset, budget, steps, strength;  ///< the last two may be empty
};

/// What such a job comes down to.
struct Recipe {
  std::string name, preset, budget;
  config::Config config;  ///< complete but for run.threads
};

/// The configuration that the server's jobs have in common, and the budgets with its numbers put in.
class Recipes {
 public:
  /// Throws UsageError if `base` is no configuration that jobs can be made from.
  explicit Recipes(std::filesystem::path base);
  /// Throws UsageError naming the field that is wrong.
  [[nodiscard]] Recipe recipe(const JobRequest& request, const std::filesystem::path& style,
                              const std::filesystem::path& run) const;
  [[nodiscard]] Budget budget(const Budget& budget) const;  ///< without zeros
  [[nodiscard]] double default_strength() const { return config_.loss.strength; }

 private:
  [[nodiscard]] std::vector<std::string> overrides(const Budget& budget, std::int64_t steps) const;
  std::filesystem::path base_;
  config::Config config_;
};

}  // namespace pocketstyle::serve

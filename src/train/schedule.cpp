// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pocketstyle::train {

double learning_rate(const config::TrainConfig& config, std::int64_t steps_done) {
  const auto warmup = static_cast<double>(config.warmup), done = static_cast<double>(steps_done);
  if (steps_done < config.warmup) return config.learning_rate * (done + 1.0) / warmup;
  const double rest = std::max(1.0, static_cast<double>(config.steps) - 1.0 - warmup);
  const double progress = std::min(1.0, (done - warmup) / rest);
  const double cosine = 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
  return config.learning_rate * (config.final_rate + (1.0 - config.final_rate) * cosine);
}

}  // namespace pocketstyle::train

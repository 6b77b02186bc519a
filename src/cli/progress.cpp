// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include "pocketstyle/config/config.h"
#include "pocketstyle/run/metrics.h"

#include <spdlog/fmt/fmt.h>

namespace pocketstyle::cli {

Progress::Progress(std::int64_t last_step, std::int64_t log_every)
    : last_step_(last_step), bar_(last_step, log_every) {}

void Progress::on_step(const train::StepReport& report) {
  if (images_ == 0) bar_.start_at(report.step);  // the first step also chooses kernels and allocates memory
  const double seconds = report.seconds.total();
  seconds_ += seconds;
  images_ += report.images;
  phases_.add(report.seconds);
  const double rate = static_cast<double>(report.images) / seconds;
  smoothed_rate_ = smoothed_rate_ == 0 ? rate : 0.9 * smoothed_rate_ + 0.1 * rate;
  smoothed_total_ = smoothed_total_ == 0 ? report.loss.total() : 0.9 * smoothed_total_ + 0.1 * report.loss.total();
  if (!bar_.due(report.step)) return;
  // Previews and validation losses take time as well: the remaining time is estimated from the wall clock.
  const std::string last = last_step_ == 0 ? "" : fmt::format("/{}", last_step_);
  bar_.show(report.step, fmt::format("step {}{}  loss {:.4g} ({})  {:.2f} images/s", report.step, last, smoothed_total_,
                                     run::shares_text(report.loss), smoothed_rate_));
}

void Progress::on_validation(std::int64_t step, const run::LossTerms& loss) {
  if (first_validation_ == 0) first_validation_ = loss.total();
  last_validation_ = loss.total();
  bar_.say(fmt::format("step {}: validation loss {:.0f} ({})", step, loss.total(), run::values_text(loss)));
}

void Progress::on_plan(const run::PlanRecord& plan, const config::Config& config, const std::string&) {
  last_step_ = plan.steps;
  bar_.set_last(plan.steps, config.run.log_every);
  bar_.say(fmt::format("step {}: {:.3g} s per step: {} steps fit in {:g} minutes, until {}", plan.step,
                       plan.seconds_per_step, plan.steps, plan.minutes, clock_text(plan.seconds_left)));
}

void Progress::on_checkpoint(std::int64_t step, const std::filesystem::path& path) {
  if (bar_.terminal()) return;
  bar_.say(fmt::format("step {}: checkpoint {}", step, path.filename().string()));
}

void Progress::on_rollback(std::int64_t from_step, std::int64_t to_step, const std::string& why) {
  bar_.say(fmt::format("step {}: rolled back to step {} with half the learning rate: {}", from_step, to_step, why));
}

std::string Progress::phase_summary() const {
  if (seconds_ == 0) return {};
  const auto share = [&](double part) { return 100 * part / seconds_; };
  const std::string exchange =  // data exchange with other processes
      share(phases_.exchange) < 0.05 ? "" : fmt::format(", exchange {:.1f}%", share(phases_.exchange));
  return fmt::format(
      "{:.2f} images/s; share of step time: data {:.1f}%, network forward {:.1f}%, VGG and loss "
      "{:.1f}%, network backward {:.1f}%{}, optimiser {:.1f}%",
      static_cast<double>(images_) / seconds_, share(phases_.data), share(phases_.forward), share(phases_.loss),
      share(phases_.backward), exchange, share(phases_.optimiser));
}

}  // namespace pocketstyle::cli

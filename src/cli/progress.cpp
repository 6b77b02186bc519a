// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>

namespace pocketstyle::cli {
namespace {
constexpr int kBarWidth = 24;
}

std::string duration_text(double seconds) {
  const auto whole = std::llround(seconds);
  const auto hours = whole / 3600, minutes = whole / 60 % 60, rest = whole % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, rest) : fmt::format("{}:{:02}", minutes, rest);
}

Progress::Progress(std::int64_t first_step, std::int64_t last_step, std::int64_t log_every)
    : first_step_(first_step), last_step_(last_step), log_every_(log_every), terminal_(::isatty(STDOUT_FILENO) == 1) {}

void Progress::say(const std::string& text) {
  if (terminal_) std::cout << "\r\033[K";
  std::cout << text << std::endl;
}

void Progress::on_step(const train::StepReport& report) {
  const train::PhaseSeconds& s = report.seconds;
  seconds_ += s.total();
  images_ += report.images;
  phases_.data += s.data;
  phases_.forward += s.forward;
  phases_.loss += s.loss;
  phases_.backward += s.backward;
  phases_.exchange += s.exchange;
  phases_.optimiser += s.optimiser;
  const double rate = static_cast<double>(report.images) / s.total();
  smoothed_rate_ = smoothed_rate_ == 0 ? rate : 0.9 * smoothed_rate_ + 0.1 * rate;
  smoothed_total_ = smoothed_total_ == 0 ? report.loss.total() : 0.9 * smoothed_total_ + 0.1 * report.loss.total();
  if (!terminal_ && report.step % log_every_ != 0 && report.step != last_step_) return;

  // Previews and held-out losses take time as well: the estimate is from the wall clock.
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  const double left =
      elapsed.count() / static_cast<double>(report.step - first_step_) * static_cast<double>(last_step_ - report.step);
  const double total = report.loss.total();
  const std::string teacher =
      report.loss.teacher > 0 ? fmt::format(", teacher {:.0f}%", 100 * report.loss.teacher / total) : std::string();
  const std::string text = fmt::format(
      "step {}/{}  loss {:.4g} (content {:.0f}%, style {:.0f}%, tv {:.0f}%{})  {:.2f} images/s  {} left", report.step,
      last_step_, smoothed_total_, 100 * report.loss.content / total, 100 * report.loss.style / total,
      100 * report.loss.tv / total, teacher, smoothed_rate_, duration_text(left));
  if (!terminal_) {
    std::cout << text << std::endl;
    return;
  }
  const auto done = static_cast<int>(kBarWidth * report.step / std::max<std::int64_t>(1, last_step_));
  std::string bar;
  for (int i = 0; i < kBarWidth; ++i) bar += i < done ? "█" : "░";
  std::cout << "\r\033[K" << bar << " " << text << std::flush;
  if (report.step == last_step_) std::cout << std::endl;
}

void Progress::on_held_out(std::int64_t step, const train::LossValues& loss) {
  if (first_held_out_ == 0) first_held_out_ = loss.total();
  last_held_out_ = loss.total();
  say(fmt::format("step {}: held-out loss {:.0f} (content {:.0f}, style {:.0f}, tv {:.0f})", step, loss.total(),
                  loss.content, loss.style, loss.tv));
}

void Progress::on_checkpoint(std::int64_t step, const std::filesystem::path& path) {
  if (terminal_) return;
  say(fmt::format("step {}: checkpoint {}", step, path.filename().string()));
}

void Progress::on_rollback(std::int64_t from_step, std::int64_t to_step, const std::string& why) {
  say(fmt::format("step {}: rolled back to step {} with half the learning rate: {}", from_step, to_step, why));
}

std::string Progress::phase_summary() const {
  if (seconds_ == 0) return {};
  const auto share = [&](double part) { return 100 * part / seconds_; };
  const std::string exchange =  // with other processes
      share(phases_.exchange) < 0.05 ? "" : fmt::format(", exchange {:.1f}%", share(phases_.exchange));
  return fmt::format(
      "{:.2f} images/s; of a step's time: data {:.1f}%, network forward {:.1f}%, VGG and loss both ways "
      "{:.1f}%, network backward {:.1f}%{}, optimiser {:.1f}%",
      static_cast<double>(images_) / seconds_, share(phases_.data), share(phases_.forward), share(phases_.loss),
      share(phases_.backward), exchange, share(phases_.optimiser));
}

}  // namespace pocketstyle::cli

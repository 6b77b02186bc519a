// SPDX-License-Identifier: Apache-2.0
#include "report/comparison_words.h"

#include "report/comparison_tables.h"
#include "report/numbers.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

namespace pocketstyle::report {
namespace {

using results::Verdict;

constexpr double kAboutEqual = 0.05;
constexpr double kBusy = 1.5;  // ratio of 90th percentile and median above which times are unreliable

std::string parameters_words(double ratio, const std::string& baseline) {
  if (std::abs(ratio - 1) < 0.005) return fmt::format("has as many parameters as {}", baseline);
  return fmt::format("has {:.1f} times {} parameters than {}", std::max(ratio, 1 / ratio), ratio > 1 ? "fewer" : "more",
                     baseline);
}

std::string speed_words(double speed_up) {
  if (std::abs(speed_up - 1) < kAboutEqual) return "takes about as long here";
  if (speed_up > 1) return fmt::format("is {:.1f} times as fast here", speed_up);
  return fmt::format("takes {:.1f} times as long here", 1 / speed_up);
}

std::string loss_words(const results::Interval& percent, std::int64_t photos) {
  const std::string interval = fmt::format("95% interval {:+.1f} to {:+.1f}", percent.low, percent.high);
  const std::string size = fmt::format("{:.1f}% {}", std::abs(percent.value), percent.value < 0 ? "lower" : "higher");
  const Verdict verdict = results::verdict(percent, results::Better::lower);
  if (verdict == Verdict::same) return fmt::format("Its validation loss is the same ({}).", interval);
  if (verdict == Verdict::uncertain)
    return fmt::format("Its validation loss is {} ({}): {} photos are too few to show a difference.", size, interval,
                       photos);
  return fmt::format("Its validation loss is {} ({}): {} on these photos.", size, interval,
                     verdict == Verdict::better ? "better" : "worse");
}

/// "a", "a and b", "a, b and c"
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

}  // namespace

std::string who_against_whom(const Comparison& comparison) {
  std::vector<std::string> names;
  for (const Network& network : comparison.networks) names.push_back(network.name);
  const std::string baseline = names.front();
  names.erase(names.begin());
  return listed(names) + " against " + baseline;
}

std::vector<std::string> verdicts(const Comparison& comparison) {
  const Network& baseline = comparison.networks.front();
  std::vector<std::string> all;
  for (const Network& network : comparison.networks) {
    if (&network == &baseline) continue;
    std::vector<std::string> parts = {parameters_words(parameter_ratio(baseline, network), baseline.name)};
    if (file_ratio(baseline, network))
      parts.push_back(fmt::format("its file has {} instead of {}", to_text(megabytes(network.exported.bytes)),
                                  to_text(megabytes(baseline.exported.bytes))));
    if (const auto speed = speed_up(baseline, network)) parts.push_back("it " + speed_words(*speed));
    std::string text = fmt::format("{} {}.", network.name, listed(parts));
    if (const auto difference = loss_difference(network))
      text += " " + loss_words(*difference, comparison.conditions.held_out_photos);
    all.push_back(std::move(text));
  }
  return all;
}

std::vector<std::string> how_measured(const Comparison& comparison) {
  const Conditions& how = comparison.conditions;
  std::vector<std::string> notes;
  notes.push_back(fmt::format("{}{} cores ({}), {}; {}.", how.processor.empty() ? "" : how.processor + ", ", how.cores,
                              how.threads == 1 ? "1 thread" : fmt::format("{} threads", how.threads), how.date,
                              how.versions));
  if (how.repeats > 0)
    notes.push_back(fmt::format(
        "Times are of one {}x{} picture through the exported file: the median of {} repeats after {} warm-ups. The "
        "networks took turns, so that other load on the machine affected all of them. Times are for this "
        "machine, not for a phone.",
        how.height, how.width, how.repeats, how.warm_ups));
  for (const Network& network : comparison.networks)
    if (network.latency && network.latency->p90_ms > kBusy * network.latency->median_ms)
      notes.push_back(fmt::format(
          "The machine was busy with other work: a tenth of {}'s times were at least {:.1f} times its median. Measure "
          "again on an idle machine before relying on S_r.",
          network.name, network.latency->p90_ms / network.latency->median_ms));
  if (how.process_repeats > 0)
    notes.push_back(fmt::format(
        "A whole process is pocketstyle stylize on one {}x{} photo, from start to end, including reading and writing: "
        "the median of {}, taking turns. CPU share is its CPU time divided by its duration on all {} cores. Peak "
        "memory "
        "is resident memory, including libraries.",
        how.height, how.width, how.process_repeats, how.cores));
  if (how.held_out_photos > 0) {
    notes.push_back(fmt::format(
        "Quality is measured on the configuration's {} validation photos, in its style, {}. Intervals are 95%, by "
        "the t distribution over the photos; differences are paired by photo.",
        how.held_out_photos, how.style));
    const bool once = std::any_of(comparison.networks.begin(), comparison.networks.end(),
                                  [](const Network& network) { return network.runs < 2; });
    notes.push_back(once ? "A network with one training run has an interval that covers the choice of photos, not "
                           "the random seed: trained again, the network would be somewhat different."
                         : "Each network was trained several times from different seeds; the intervals cover "
                           "the seeds as well as the photos.");
  }
  for (const Network& network : comparison.networks)
    if (!network.style.empty() && !how.style.empty() && network.style != how.style)
      notes.push_back(
          fmt::format("{} was trained for the style {}, not for {}: its losses here say nothing about its "
                      "quality.",
                      network.name, network.style, how.style));
  return notes;
}

}  // namespace pocketstyle::report

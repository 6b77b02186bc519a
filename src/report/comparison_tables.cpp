// SPDX-License-Identifier: Apache-2.0
#include "report/comparison_tables.h"

#include "report/numbers.h"
#include "report/paper.h"

#include "pocketstyle/network/layer_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

namespace pocketstyle::report {
namespace {

constexpr const char* kNothing = "-";

std::span<const Network> others(const Comparison& comparison) {
  return std::span(comparison.networks).subspan(1);
}

network::Totals totals_of(const Network& network, const Conditions& conditions) {
  return network::totals(network.architecture, conditions.height, conditions.width);
}
std::int64_t parameters_of(const Network& network) {
  return network::totals(network.architecture).parameters;
}

std::string optional_text(const std::optional<double>& value, std::string (*text)(double)) {
  return value ? text(*value) : kNothing;
}
std::string file_text(const Network& network) {
  return network.exported.bytes > 0 ? megabytes(network.exported.bytes) : kNothing;
}
std::string time_text(const Network& network) {
  return network.latency ? milliseconds(network.latency->ms_median) : kNothing;
}
std::string interval_text(const Interval& interval) {
  return fmt::format("{} ({} to {})", four_digits(interval.value), four_digits(interval.low),
                     four_digits(interval.high));
}
std::string difference_text(const Interval& percent) {
  return fmt::format("{} ({:+.1f} to {:+.1f})", signed_percent(percent.value), percent.low, percent.high);
}
std::string difference_text(const Interval& difference, const Metric& metric) {
  if (metric.relative) return difference_text(difference);
  const auto text = [](double value) { return (value < 0 ? "-" : "+") + four_digits(std::abs(value)); };
  return fmt::format("{} ({} to {})", text(difference.value), text(difference.low), text(difference.high));
}

/// What an interval that does not reach 0 says, of a difference that is not printed as 0.
std::string judged(const Interval& difference, const Metric& metric) {
  const Better better = metric.better;
  if (metric.relative && prints_as_zero(difference.value)) return "";
  if (better == Better::neither || (difference.low <= 0 && difference.high >= 0)) return "";
  return (difference.value < 0) == (better == Better::lower) ? ", better" : ", worse";
}

std::string heading_of(const Metric& metric) {
  const std::string unit = metric.unit.empty() ? "" : fmt::format(" ({})", metric.unit);
  const char* arrow = metric.better == Better::lower    ? ", lower is better"
                      : metric.better == Better::higher ? ", higher is better"
                                                        : "";
  return metric.heading + unit + arrow;
}

bool is_measured(const Comparison& comparison, const Metric& metric) {
  return std::any_of(comparison.networks.begin(), comparison.networks.end(),
                     [&](const Network& network) { return score_of(network, metric.key) != nullptr; });
}

}  // namespace

double parameter_ratio(const Network& baseline, const Network& network) {
  return ratio(parameters_of(baseline), parameters_of(network));
}
std::optional<double> file_ratio(const Network& baseline, const Network& network) {
  if (baseline.exported.bytes <= 0 || network.exported.bytes <= 0) return {};
  return ratio(baseline.exported.bytes, network.exported.bytes);
}
std::optional<double> speed_up(const Network& baseline, const Network& network) {
  if (!baseline.latency || !network.latency) return {};
  return baseline.latency->ms_median / network.latency->ms_median;
}
const Score* score_of(const Network& network, const std::string& metric) {
  const auto found = network.scores.find(metric);
  return found == network.scores.end() ? nullptr : &found->second;
}
std::optional<Interval> loss_difference(const Network& network) {
  const Score* score = score_of(network, kHeadlineMetric);
  return score == nullptr ? std::nullopt : score->difference;
}

Grid summary_grid(const Comparison& comparison) {
  const Network& baseline = comparison.networks.front();
  Grid grid{{"network", "parameters", "C_r", "file", "time", "S_r", "validation loss, 95% interval"}, {0}, {}};
  for (const Network& network : comparison.networks) {
    const bool first = &network == &baseline;
    const auto difference = loss_difference(network);
    const Score* score = score_of(network, kHeadlineMetric);
    const std::string loss = score == nullptr       ? kNothing
                             : first || !difference ? four_digits(score->mean.value)
                                                    : difference_text(*difference);
    grid.rows.push_back({network.name, with_commas(parameters_of(network)), times(parameter_ratio(baseline, network)),
                         file_text(network), time_text(network), optional_text(speed_up(baseline, network), times),
                         loss});
  }
  return grid;
}

Grid parameter_grid(const Comparison& comparison) {
  Grid grid{{"layer"}, {0}, {}, "Parameters of the convolution kernels, computed"};
  std::vector<std::string> order;
  std::vector<std::map<std::string, std::int64_t>> columns;
  for (const Network& network : comparison.networks) {
    grid.head.push_back(network.name);
    auto& column = columns.emplace_back();
    auto next = order.begin();  // layers that only this network has stand where it has them
    for (const auto& [layer, count] : network::paper_rows(network::layer_table(network.architecture, 256, 256))) {
      column[layer] = count;
      column["Total"] += count;
      auto at = std::find(order.begin(), order.end(), layer);
      if (at == order.end()) at = order.insert(next, layer);
      next = at + 1;
    }
  }
  order.emplace_back("Total");
  for (const std::string& layer : order) {
    grid.rows.push_back({layer});
    for (auto& column : columns)
      grid.rows.back().push_back(column.contains(layer) ? with_commas(column[layer]) : kNothing);
  }
  grid.rows.push_back({"fewer than " + comparison.networks.front().name});
  const auto total = [](const auto& column) { return column.at("Total"); };
  for (const auto& column : columns)
    grid.rows.back().push_back(fmt::format("{:.1f}%", 100.0 * (1 - ratio(total(column), total(columns.front())))));
  return grid;
}

Grid size_grid(const Comparison& comparison) {
  Grid grid{{"network", "parameters", "MACs", "weights, float32", "training checkpoint", "exported file, measured"},
            {0},
            {},
            "Sizes: computed from the parameters, and measured on the exported file"};
  for (const Network& network : comparison.networks) {
    const network::Totals sum = totals_of(network, comparison.conditions);
    grid.rows.push_back({network.name, with_commas(sum.parameters), macs_text(sum.macs),
                         megabytes(inference_bytes(sum.parameters)), megabytes(checkpoint_bytes(sum.parameters)),
                         file_text(network)});
  }
  grid.rows.push_back({"the paper, before (printed)", with_commas(kPaperTotal.before), kNothing, kNothing,
                       fmt::format("{} MB", kPaperMbBefore), kNothing});
  grid.rows.push_back({"the paper, after (printed)", with_commas(kPaperTotal.after), kNothing, kNothing,
                       fmt::format("{} MB", kPaperMbAfter), kNothing});
  return grid;
}

Grid speed_grid(const Comparison& comparison) {
  const Network& baseline = comparison.networks.front();
  Grid grid{
      {"network", "style", "size before", "time before", "size after", "time after", "90th percentile", "C_r", "S_r"},
      {0, 1},
      {},
      fmt::format("Measured here against {}", baseline.name)};
  for (const Network& network : others(comparison)) {
    const std::string p90 = network.latency ? milliseconds(network.latency->ms_p90) : kNothing;
    grid.rows.push_back({network.name, network.style.empty() ? kNothing : network.style, file_text(baseline),
                         time_text(baseline), file_text(network), time_text(network), p90,
                         optional_text(file_ratio(baseline, network), times),
                         optional_text(speed_up(baseline, network), times)});
  }
  return grid;
}

Grid process_grid(const Comparison& comparison) {
  const Conditions& conditions = comparison.conditions;
  Grid grid{{"network", "file", "runtime", "load the file", "whole process", "CPU share", "peak memory"},
            {0, 2},
            {},
            "Measured here, a process of its own for each network"};
  for (const Network& network : comparison.networks) {
    std::string whole = kNothing, share = kNothing, peak = kNothing;
    if (const auto& cost = network.process) {
      whole = fmt::format("{:.0f} ms", cost->ms);
      share = fmt::format("{:.0f}%", 100 * cost->cpu_ms / cost->ms / std::max(1, conditions.cores));
      peak = fmt::format("{:.0f} MB", static_cast<double>(cost->peak_bytes) / 1e6);
    }
    grid.rows.push_back({network.name, file_text(network), network.runtime.empty() ? kNothing : network.runtime,
                         optional_text(network.load_ms, milliseconds), whole, share, peak});
  }
  return grid;
}

Grid score_grid(const Comparison& comparison) {
  Grid grid{{"metric"}, {0}, {}, "Mean over the validation photos, with its 95% interval"};
  const bool photos = !comparison.photo_scores.empty();
  if (photos) grid.head.emplace_back("the photos");
  for (const Network& network : comparison.networks) grid.head.push_back(network.name);
  for (const Metric& metric : comparison.metrics) {
    if (!is_measured(comparison, metric)) continue;
    std::vector<std::string> row = {heading_of(metric)};
    const auto own = comparison.photo_scores.find(metric.key);
    if (photos) row.push_back(own == comparison.photo_scores.end() ? kNothing : interval_text(own->second));
    for (const Network& network : comparison.networks) {
      const Score* score = score_of(network, metric.key);
      row.push_back(score == nullptr ? kNothing : interval_text(score->mean));
    }
    grid.rows.push_back(std::move(row));
  }
  return grid;
}

Grid difference_grid(const Comparison& comparison) {
  Grid grid{
      {"metric"}, {0}, {}, fmt::format("Difference to {}, with its 95% interval", comparison.networks.front().name)};
  for (const Network& network : others(comparison)) grid.head.push_back(network.name);
  for (const Metric& metric : comparison.metrics) {
    if (!is_measured(comparison, metric)) continue;
    std::vector<std::string> row = {heading_of(metric)};
    for (const Network& network : others(comparison)) {
      const Score* score = score_of(network, metric.key);
      row.push_back(score == nullptr || !score->difference
                        ? kNothing
                        : difference_text(*score->difference, metric) + judged(*score->difference, metric));
    }
    grid.rows.push_back(std::move(row));
  }
  return grid;
}

}  // namespace pocketstyle::report

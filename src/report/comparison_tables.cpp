// SPDX-License-Identifier: Apache-2.0
#include "report/comparison_tables.h"

#include "report/numbers.h"
#include "report/paper.h"

#include "pocketstyle/network/layer_table.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>
#include <span>

namespace pocketstyle::report {
namespace {

using results::Better, results::Interval, results::Metric;

std::span<const Network> others(const Comparison& comparison) {
  return std::span(comparison.networks).subspan(1);
}

network::Totals totals_of(const Network& network, const Conditions& conditions) {
  return network::totals(network.architecture, conditions.height, conditions.width);
}
std::int64_t parameters_of(const Network& network) {
  return network::totals(network.architecture).parameters;
}

Cell ratio_cell(const std::optional<double>& value) {
  return value ? Cell(Ratio{*value}) : Cell(Missing());
}
Cell time_cell(const std::optional<double>& ms) {
  return ms ? Cell(milliseconds(*ms)) : Cell(Missing());
}
Cell file_cell(const Network& network) {
  return network.exported.bytes > 0 ? Cell(megabytes(network.exported.bytes)) : Cell(Missing());
}
Cell name_cell(const std::string& name) {
  return name.empty() ? Cell(Missing()) : Cell(name);
}
std::optional<double> median_ms(const Network& network) {
  return network.latency ? std::optional(network.latency->median_ms) : std::nullopt;
}
Cell mean_cell(const Score* score) {
  return score == nullptr ? Cell(Missing()) : Cell(Mean{score->mean});
}
Cell difference_cell(const Score* score, const Metric& metric) {
  if (score == nullptr || !score->difference) return Missing();
  const Interval& difference = *score->difference;
  return Difference{difference, metric.relative, results::verdict(difference, metric.better, metric.relative)};
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
  return baseline.latency->median_ms / network.latency->median_ms;
}
const Score* score_of(const Network& network, const std::string& metric) {
  const auto found = network.scores.find(metric);
  return found == network.scores.end() ? nullptr : &found->second;
}
std::optional<Interval> loss_difference(const Network& network) {
  const Score* score = score_of(network, results::kHeadlineMetric);
  return score == nullptr ? std::nullopt : score->difference;
}

Grid summary_grid(const Comparison& comparison) {
  const Network& baseline = comparison.networks.front();
  Grid grid{{"network", "parameters", "C_r", "file", "time", "S_r", "validation loss, 95% interval"}, {0}, {}};
  for (const Network& network : comparison.networks) {
    const bool first = &network == &baseline;
    const auto difference = loss_difference(network);
    const Score* score = score_of(network, results::kHeadlineMetric);
    const Cell loss = score == nullptr       ? Cell(Missing())
                      : first || !difference ? Cell(Number{score->mean.value, kFour})
                                             : Cell(Difference{*difference});
    grid.rows.push_back({network.name, count(parameters_of(network)), Ratio{parameter_ratio(baseline, network)},
                         file_cell(network), time_cell(median_ms(network)), ratio_cell(speed_up(baseline, network)),
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
    auto next = order.begin();  // layers that only this network has are inserted at their position in it
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
      grid.rows.back().push_back(column.contains(layer) ? Cell(count(column[layer])) : Cell(Missing()));
  }
  grid.rows.push_back({"fewer than " + comparison.networks.front().name});
  const auto total = [](const auto& column) { return column.at("Total"); };
  for (const auto& column : columns) grid.rows.back().emplace_back(saved(total(columns.front()), total(column)));
  return grid;
}

Grid size_grid(const Comparison& comparison) {
  Grid grid{{"network", "parameters", "MACs", "weights, float32", "with Adam's moments", "exported file, measured"},
            {0},
            {},
            "Sizes: computed from the parameters, and measured on the exported file"};
  for (const Network& network : comparison.networks) {
    const network::Totals sum = totals_of(network, comparison.conditions);
    grid.rows.push_back({network.name, count(sum.parameters), macs(sum.macs),
                         megabytes(inference_bytes(sum.parameters)), megabytes(checkpoint_bytes(sum.parameters)),
                         file_cell(network)});
  }
  const auto printed = [&](const char* name, std::int64_t parameters, double mb) {
    grid.rows.push_back({name, count(parameters), Missing(), Missing(), Number{mb, kShortest, " MB"}, Missing()});
  };
  printed("the paper, before (printed)", kPaperTotal.before, kPaperMbBefore);
  printed("the paper, after (printed)", kPaperTotal.after, kPaperMbAfter);
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
    const auto p90 = network.latency ? std::optional(network.latency->p90_ms) : std::nullopt;
    grid.rows.push_back({network.name, name_cell(network.style), file_cell(baseline), time_cell(median_ms(baseline)),
                         file_cell(network), time_cell(median_ms(network)), time_cell(p90),
                         ratio_cell(file_ratio(baseline, network)), ratio_cell(speed_up(baseline, network))});
  }
  return grid;
}

Grid process_grid(const Comparison& comparison) {
  const Conditions& conditions = comparison.conditions;
  Grid grid{{"network", "file", "runtime", "load the file", "whole process", "CPU share", "peak memory"},
            {0, 2},
            {},
            "Measured here, in a separate process for each network"};
  for (const Network& network : comparison.networks) {
    Cell whole = Missing(), cpu_share = Missing(), peak = Missing();
    if (const auto& cost = network.process) {
      whole = Number{cost->ms, 0, " ms"};
      cpu_share = Number{100 * cost->cpu_ms / cost->ms / std::max(1, conditions.cores), 0, "%"};
      peak = Number{static_cast<double>(cost->peak_bytes) / 1e6, 0, " MB"};
    }
    grid.rows.push_back({network.name, file_cell(network), name_cell(network.runtime), time_cell(network.load_ms),
                         whole, cpu_share, peak});
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
    std::vector<Cell> row = {heading_of(metric)};
    const auto own = comparison.photo_scores.find(metric.key);
    if (photos) row.push_back(own == comparison.photo_scores.end() ? Cell(Missing()) : Cell(Mean{own->second}));
    for (const Network& network : comparison.networks) row.push_back(mean_cell(score_of(network, metric.key)));
    grid.rows.push_back(std::move(row));
  }
  return grid;
}

Grid difference_grid(const Comparison& comparison) {
  Grid grid{
      {"metric"}, {0}, {}, fmt::format("Difference from {}, with its 95% interval", comparison.networks.front().name)};
  for (const Network& network : others(comparison)) grid.head.push_back(network.name);
  for (const Metric& metric : comparison.metrics) {
    if (!is_measured(comparison, metric)) continue;
    std::vector<Cell> row = {heading_of(metric)};
    for (const Network& network : others(comparison))
      row.push_back(difference_cell(score_of(network, metric.key), metric));
    grid.rows.push_back(std::move(row));
  }
  return grid;
}

}  // namespace pocketstyle::report

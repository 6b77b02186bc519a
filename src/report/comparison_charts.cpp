// SPDX-License-Identifier: Apache-2.0
#include "report/comparison_charts.h"

#include "report/chart.h"
#include "report/comparison_tables.h"

#include "pocketstyle/network/layer_table.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

namespace pocketstyle::report {
namespace {

constexpr std::size_t kMostPoints = 160;  // of a training curve, each the mean of neighbouring steps

using Measure = std::function<std::optional<double>(const Network&)>;

/// Geometric means of consecutive steps, so that at most kMostPoints points remain.
std::vector<std::pair<double, double>> thinned(const std::vector<Curve::Point>& points) {
  const std::size_t each = (points.size() + kMostPoints - 1) / kMostPoints;
  std::vector<std::pair<double, double>> result;
  for (std::size_t i = 0; i < points.size(); i += each) {
    const std::size_t end = std::min(i + each, points.size());
    double step = 0, log_loss = 0;
    for (std::size_t k = i; k < end; ++k) {
      step += static_cast<double>(points[k].step) / static_cast<double>(end - i);
      log_loss += std::log(std::max(points[k].loss, 1e-12)) / static_cast<double>(end - i);
    }
    result.emplace_back(step, std::exp(log_loss));
  }
  return result;
}

std::string series_name(const Network& network, std::size_t curve) {
  return network.curves.size() > 1 ? fmt::format("{} #{}", network.name, curve + 1) : network.name;
}

void add_chart(Figures& figures, const LineChart& chart, const std::string& caption) {
  std::string svg = to_svg(chart);
  if (!svg.empty()) figures.figures.push_back({std::move(svg), caption});
}

void add_cost(Figures& figures, const Comparison& comparison, const std::string& title, const Measure& measure) {
  ScatterChart chart{"Validation loss against " + title, title, "validation loss", {}};
  for (std::size_t i = 0; i < comparison.networks.size(); ++i) {
    const Network& network = comparison.networks[i];
    const Score* score = score_of(network, results::kHeadlineMetric);
    const auto x = measure(network);
    if (score == nullptr || !x) continue;
    const double mean = score->mean.value;
    chart.points.push_back(
        {network.name, i, *x, score->mean.is_known() ? score->mean : results::Interval{mean, mean, mean}});
    chart.label += fmt::format("; {}: {:.4g}, {:.4g}", network.name, *x, mean);
  }
  std::string svg = to_svg(chart);
  if (!svg.empty()) figures.figures.push_back({std::move(svg), "Validation loss against " + title});
}

}  // namespace

Figures cost_figures(const Comparison& comparison) {
  Figures figures;
  const Conditions& how = comparison.conditions;
  const auto sum = [&](const Network& network) { return network::totals(network.architecture, how.height, how.width); };
  add_cost(figures, comparison, "parameters",
           [&](const Network& network) { return static_cast<double>(sum(network).parameters); });
  add_cost(figures, comparison, fmt::format("multiply-accumulates at {}x{}", how.height, how.width),
           [&](const Network& network) { return static_cast<double>(sum(network).macs); });
  add_cost(figures, comparison, "measured milliseconds", [](const Network& network) {
    return network.latency ? std::optional(network.latency->median_ms) : std::nullopt;
  });
  return figures;
}

Figures curve_figures(const Comparison& comparison) {
  LineChart validation{"Validation loss over the steps of training", "steps", "validation loss", {}, true};
  LineChart training{"Training loss over the steps", "steps", "training loss", {}};
  for (std::size_t i = 0; i < comparison.networks.size(); ++i) {
    const Network& network = comparison.networks[i];
    for (std::size_t c = 0; c < network.curves.size(); ++c) {
      validation.series.push_back({series_name(network, c), i, {}});
      for (const auto& point : network.curves[c].validation)
        validation.series.back().points.emplace_back(static_cast<double>(point.step), point.loss);
      training.series.push_back({series_name(network, c), i, thinned(network.curves[c].training)});
    }
  }
  Figures figures;
  add_chart(figures, validation, "Loss on the validation photos during training");
  add_chart(figures, training, "Loss on the training batches, smoothed");
  return figures;
}

}  // namespace pocketstyle::report

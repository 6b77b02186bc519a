// SPDX-License-Identifier: Apache-2.0
#include "cli/evaluation_output.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace pocketstyle::cli {
namespace {

using evaluate::Evaluation;
using results::Better, results::Interval, results::Metric, results::Verdict;
using Row = std::vector<std::string>;

constexpr std::size_t kLabelColumns = 2, kLineWidth = 120;

int decimals_of(double value) {
  const double size = std::abs(value);
  return size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 0.1 ? 3 : 5;
}

std::string text_of(const Interval& interval, int decimals, bool with_sign) {
  if (!std::isfinite(interval.value)) return "-";
  if (!interval.is_known())
    return with_sign ? fmt::format("{:+.{}f}", interval.value, decimals)
                     : fmt::format("{:.{}f}", interval.value, decimals);
  return with_sign ? fmt::format("{:+.{}f} ({:+.{}f} to {:+.{}f})", interval.value, decimals, interval.low, decimals,
                                 interval.high, decimals)
                   : fmt::format("{:.{}f} ({:.{}f} to {:.{}f})", interval.value, decimals, interval.low, decimals,
                                 interval.high, decimals);
}

std::string difference_text(const Evaluation& one, const Evaluation& baseline, const Metric& metric) {
  if (!one.values.contains(metric.key) || !baseline.values.contains(metric.key)) return "-";
  const Interval shown = evaluate::shown_difference(one, baseline, metric);
  const Verdict verdict = results::verdict(shown, metric.better, metric.relative);
  return text_of(shown, 2, true) + (verdict == Verdict::better  ? "  better"
                                    : verdict == Verdict::worse ? "  worse"
                                                                : "");
}

/// Splits the table into parts that fit the line width, repeating the label columns in each.
std::string table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (std::size_t first = kLabelColumns, last = first; first < widths.size(); first = last) {
    std::size_t width = 0;
    for (std::size_t i = 0; i < kLabelColumns; ++i) width += widths[i] + 2;
    while (last < widths.size() && (last == first || width + widths[last] <= kLineWidth)) width += widths[last++] + 2;
    if (first > kLabelColumns) text += "\n";
    for (const Row& row : rows) {
      std::string line;
      for (std::size_t i = 0; i < last; ++i)
        if (i < kLabelColumns || i >= first) line += fmt::format("{:<{}}  ", row[i], widths[i]);
      text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
  }
  return text;
}

Row heading(const char* label) {
  return {label, "better"};
}

Row labels(const Metric& metric, std::string_view unit) {
  return {unit.empty() ? metric.heading : fmt::format("{}, {}", metric.heading, unit), better_name(metric.better)};
}

bool measured(std::span<const Evaluation> all, const Metric& metric) {
  return std::any_of(all.begin(), all.end(), [&](const Evaluation& one) { return one.values.contains(metric.key); });
}

nlohmann::ordered_json json_of(const Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

}  // namespace

std::string better_name(Better better) {
  return better == Better::neither ? "" : std::string(to_string(better));
}

std::string evaluation_tables(std::span<const Evaluation> all, std::size_t baseline) {
  std::vector<Row> means{heading("mean (95% interval)")}, differences{heading("difference")};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string files = all[i].files.size() > 1 ? fmt::format(" ({} files)", all[i].files.size()) : "";
    means.front().push_back(all[i].name + files);
    if (i != baseline) differences.front().push_back(all[i].name);
  }
  for (const Metric& metric : evaluate::metrics()) {
    if (!measured(all, metric)) continue;
    means.push_back(labels(metric, metric.unit));
    differences.push_back(labels(metric, metric.relative ? "%" : metric.unit));
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i != baseline) differences.back().push_back(difference_text(all[i], all[baseline], metric));
      const bool has = all[i].values.contains(metric.key);
      const Interval mean = has ? evaluate::mean(all[i], metric.key) : Interval{};
      means.back().push_back(has ? text_of(mean, decimals_of(mean.value), false) : "-");
    }
  }
  std::string text = table(means);
  if (all.size() > 1) text += fmt::format("\nCompared with {}:\n", all[baseline].name) + table(differences);
  return text + fmt::format(
                    "\nOver {} photos; intervals: Student's t over photos{}, and over seeds where there are several.\n",
                    all.front().photos.size(), all.size() > 1 ? ", paired for differences" : "");
}

std::string evaluation_json(std::span<const Evaluation> all, std::size_t baseline) {
  nlohmann::ordered_json json{{"baseline", all[baseline].name},
                              {"photos", all.front().photos},
                              {"metrics", nlohmann::ordered_json::array()},
                              {"subjects", nlohmann::ordered_json::array()}};
  for (const Metric& metric : evaluate::metrics())
    if (measured(all, metric))
      json["metrics"].push_back({{"key", metric.key},
                                 {"heading", metric.heading},
                                 {"unit", metric.unit},
                                 {"better", better_name(metric.better)},
                                 {"help", metric.help}});
  for (std::size_t i = 0; i < all.size(); ++i) {
    nlohmann::ordered_json entry{{"name", all[i].name}, {"files", all[i].files}};
    for (const Metric& metric : evaluate::metrics()) {
      const auto found = all[i].values.find(metric.key);
      if (found == all[i].values.end()) continue;
      const std::string& key = metric.key;
      entry["mean"][key] = json_of(evaluate::mean(all[i], key));
      if (i != baseline && all[baseline].values.contains(key)) {
        entry["difference"][key] = json_of(evaluate::difference(all[i], all[baseline], key));
        entry["difference_percent"][key] = json_of(evaluate::difference_percent(all[i], all[baseline], key));
      }
      entry["values"][key] = found->second;  // by file, then by photo
    }
    json["subjects"].push_back(std::move(entry));
  }
  return json_text(json, 2) + "\n";
}

}  // namespace pocketstyle::cli

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/sweep.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/report/pareto_front.h"

#include <algorithm>
#include <utility>

namespace pocketstyle::workflows {
namespace {

/// Splits "a,b,[1,2],c" at the commas outside of brackets.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '[' ? 1 : c == ']' ? -1 : 0;
    if (c == ',' && depth == 0)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

std::vector<Variant> combinations(const std::vector<std::string>& vary) {
  std::vector<Variant> all(1);
  for (const std::string& text : vary) {
    const auto equals = text.find('=');
    const std::string key = text.substr(0, equals);
    if (equals == std::string::npos || key.find('.') == std::string::npos || equals + 1 == text.size())
      throw UsageError("--vary {}: expected section.key=value,value", text);
    std::vector<Variant> next;
    for (const Variant& one : all)
      for (const std::string& value : split(text.substr(equals + 1))) {
        Variant more = one;
        const std::string name = fmt::format("{}={}", key.substr(key.find('.') + 1), value);
        more.label += (one.label.empty() ? "" : " ") + name;
        more.overrides.push_back(key + "=" + value);
        next.push_back(more);
      }
    all = std::move(next);
  }
  return all;
}

}  // namespace

std::vector<Variant> sweep_variants(const std::vector<std::string>& vary, const std::vector<int>& seeds) {
  if (seeds.empty()) return combinations(vary);
  std::vector<Variant> variants;
  for (const Variant& one : combinations(vary))
    for (const int seed : seeds) {
      variants.push_back(one);
      variants.back().seed = seed;
    }
  return variants;
}

SweepTable sweep_table(const std::vector<VariantResult>& results) {
  SweepTable table;
  std::vector<std::pair<double, double>> cost_and_loss;
  for (const VariantResult& result : results) {
    table.rows.push_back({.label = result.label,
                          .parameters = result.parameters,
                          .macs = result.macs,
                          .loss = spread(result.validation),
                          .against_first = {}});
    if (table.rows.size() > 1)
      table.rows.back().against_first = percent_against(result.validation, results.front().validation);
    table.costs_differ = table.costs_differ || result.macs != results.front().macs;
    cost_and_loss.emplace_back(static_cast<double>(result.macs), table.rows.back().loss.mean);
  }
  const std::vector<bool> front = report::on_pareto_front(cost_and_loss);
  for (std::size_t i = 0; i < front.size(); ++i) table.rows[i].on_front = front[i];
  return table;
}

}  // namespace pocketstyle::workflows

// SPDX-License-Identifier: Apache-2.0
#include "report/comparison_tables.h"
#include "report/comparison_words.h"
#include "report/paper_json.h"

#include "pocketstyle/core/json_text.h"
#include "pocketstyle/network/layer_table.h"
#include "pocketstyle/report/comparison.h"

#include <nlohmann/json.hpp>

namespace pocketstyle::report {
namespace {

using Json = nlohmann::ordered_json;

Json interval_json(const results::Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

Json conditions_json(const Conditions& how) {
  return {{"date", how.date},         {"processor", how.processor},
          {"versions", how.versions}, {"cores", how.cores},
          {"threads", how.threads},   {"height", how.height},
          {"width", how.width},       {"warm_ups", how.warm_ups},
          {"repeats", how.repeats},   {"process_repeats", how.process_repeats},
          {"style", how.style},       {"held_out_photos", how.held_out_photos}};
}

Json metric_json(const results::Metric& metric) {
  return {{"key", metric.key},   {"heading", metric.heading},
          {"unit", metric.unit}, {"better", to_string(metric.better)},
          {"help", metric.help}, {"relative", metric.relative}};
}

Json curve_json(const Curve& curve) {
  const auto points = [](const std::vector<Curve::Point>& all) {
    Json json = Json::array();
    for (const auto& point : all) json.push_back({point.step, point.loss});
    return json;
  };
  return {{"held_out", points(curve.validation)}, {"training", points(curve.training)}};
}

Json network_json(const Network& network, const Comparison& comparison) {
  const Network& baseline = comparison.networks.front();
  const network::Totals sum =
      network::totals(network.architecture, comparison.conditions.height, comparison.conditions.width);
  Json json{{"name", network.name},
            {"net", config::describe(network.architecture)},
            {"style", network.style},
            {"runs", network.runs},
            {"parameters", sum.parameters},
            {"kernel_parameters", sum.kernel_parameters},
            {"macs", sum.macs},
            {"inference_bytes", inference_bytes(sum.parameters)},
            {"checkpoint_bytes", checkpoint_bytes(sum.parameters)}};
  json["compression"]["parameters"] = parameter_ratio(baseline, network);
  if (const auto files = file_ratio(baseline, network)) json["compression"]["files"] = *files;
  if (const auto speed = speed_up(baseline, network)) json["compression"]["speed_up"] = *speed;
  if (network.exported.bytes > 0) json["file"] = {{"kind", network.exported.kind}, {"bytes", network.exported.bytes}};
  if (!network.runtime.empty()) json["runtime"] = network.runtime;
  if (network.load_ms) json["load_ms"] = *network.load_ms;
  if (network.latency) json["latency_ms"] = {{"median", network.latency->median_ms}, {"p90", network.latency->p90_ms}};
  if (network.process)
    json["process"] = {
        {"ms", network.process->ms}, {"cpu_ms", network.process->cpu_ms}, {"peak_bytes", network.process->peak_bytes}};
  json["scores"] = Json::object();
  for (const auto& [key, score] : network.scores) {
    json["scores"][key]["mean"] = interval_json(score.mean);
    if (score.difference) json["scores"][key]["difference"] = interval_json(*score.difference);
  }
  json["curves"] = Json::array();
  for (const Curve& curve : network.curves) json["curves"].push_back(curve_json(curve));
  return json;
}

}  // namespace

std::string to_json(const Comparison& comparison) {
  Json json{{"format", "comparison 1"}, {"conditions", conditions_json(comparison.conditions)}};
  for (const std::string& verdict : verdicts(comparison)) json["summary"].push_back(verdict);
  json["metrics"] = Json::array();
  for (const results::Metric& metric : comparison.metrics) json["metrics"].push_back(metric_json(metric));
  for (const auto& [key, interval] : comparison.photo_scores) json["photo_scores"][key] = interval_json(interval);
  for (const Network& network : comparison.networks) json["networks"].push_back(network_json(network, comparison));
  json["paper"] = paper_json();
  return json_text(json, 2) + "\n";
}

}  // namespace pocketstyle::report

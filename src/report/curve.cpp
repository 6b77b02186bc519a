// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/files.h"
#include "pocketstyle/report/comparison.h"

#include <nlohmann/json.hpp>

#include <sstream>
#include <string>

namespace pocketstyle::report {

Curve read_curve(const std::filesystem::path& run_folder) {
  Curve curve;
  std::error_code ignored;
  const std::filesystem::path path = run_folder / "metrics.jsonl";
  if (!std::filesystem::exists(path, ignored)) return curve;
  std::istringstream lines(read_file(path));
  const nlohmann::json::json_pointer total("/loss/total");
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || !json.contains(total) || !json[total].is_number()) continue;
    if (!json.contains("step") || !json["step"].is_number_integer()) continue;
    const std::string kind = json.contains("kind") && json["kind"].is_string() ? json["kind"] : "";
    const Curve::Point point{json["step"], json[total]};
    if (kind == "step") curve.training.push_back(point);
    if (kind == "held_out") curve.validation.push_back(point);
  }
  return curve;
}

}  // namespace pocketstyle::report

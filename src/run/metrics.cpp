// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/run/metrics.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"

#include <nlohmann/json.hpp>

#include <sstream>
#include <utility>

namespace pocketstyle::run {
namespace fs = std::filesystem;
namespace {

using nlohmann::ordered_json;

constexpr const char* kStep = "step";
constexpr const char* kValidation = "held_out";
constexpr const char* kRollback = "rollback";
constexpr const char* kPlan = "plan";

ordered_json loss_json(const LossTerms& loss, double total) {
  ordered_json json;
  loss.visit_shown([&](const char* name, double value) { json[name] = value; });
  json["total"] = total;
  return json;
}

ordered_json to_json(const StepRecord& record) {
  ordered_json seconds;
  record.seconds.visit([&](const char* name, double value) { seconds[name] = value; });
  return {{"kind", kStep},
          {"step", record.step},
          {"loss", loss_json(record.loss, record.total)},
          {"gradient_norm", record.gradient_norm},
          {"learning_rate", record.learning_rate},
          {"images_per_s", record.images_per_s},
          {"seconds", seconds}};
}
ordered_json to_json(const ValidationRecord& record) {
  return {{"kind", kValidation}, {"step", record.step}, {"loss", loss_json(record.loss, record.total)}};
}
ordered_json to_json(const RollbackRecord& record) {
  return {{"kind", kRollback}, {"step", record.step}, {"from_step", record.from_step}, {"why", record.why}};
}
ordered_json to_json(const PlanRecord& record) {
  return {{"kind", kPlan},
          {"step", record.step},
          {"steps", record.steps},
          {"minutes", record.minutes},
          {"seconds_per_step", record.seconds_per_step},
          {"seconds_left", record.seconds_left}};
}

nlohmann::json parse(const std::string& line) {
  return nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
}

/// JSON has no numbers for infinity and NaN: null is written instead.
double number_or_zero(const nlohmann::json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number() ? found->get<double>() : 0;
}

std::optional<std::int64_t> integer(const nlohmann::json& json, const char* name) {
  if (!json.is_object()) return std::nullopt;
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

template <class Record>
Record with_loss(const nlohmann::json& json, std::int64_t step) {
  Record record{.step = step};
  const auto& loss = json.at("loss");
  record.total = loss.at("total").get<double>();
  record.loss.visit([&](const char* name, double& value) { value = number_or_zero(loss, name); });
  return record;
}

StepRecord step_record(const nlohmann::json& json, std::int64_t step) {
  auto record = with_loss<StepRecord>(json, step);
  record.gradient_norm = number_or_zero(json, "gradient_norm");
  record.learning_rate = number_or_zero(json, "learning_rate");
  record.images_per_s = number_or_zero(json, "images_per_s");
  if (const auto seconds = json.find("seconds"); seconds != json.end())
    record.seconds.visit([&](const char* name, double& value) { value = number_or_zero(*seconds, name); });
  return record;
}

}  // namespace

std::string to_line(const MetricsRecord& record) {
  return json_text(std::visit([](const auto& one) { return to_json(one); }, record));
}

std::optional<MetricsRecord> parse_line(const std::string& line) {
  const nlohmann::json json = parse(line);
  const auto step = integer(json, "step");
  if (!step) return std::nullopt;
  try {
    const auto kind = json.at("kind").get<std::string>();
    if (kind == kStep) return step_record(json, *step);
    if (kind == kValidation) return with_loss<ValidationRecord>(json, *step);
    if (kind == kRollback)
      return RollbackRecord{*step, integer(json, "from_step").value_or(0), json.value("why", std::string())};
    if (kind == kPlan)
      return PlanRecord{*step, integer(json, "steps").value_or(0), number_or_zero(json, "minutes"),
                        number_or_zero(json, "seconds_per_step"), number_or_zero(json, "seconds_left")};
  } catch (const nlohmann::json::exception&) {
  }
  return std::nullopt;
}

std::vector<MetricsRecord> read_metrics(const fs::path& file) {
  std::vector<MetricsRecord> records;
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return records;
  std::istringstream lines(read_file(file));
  for (std::string line; std::getline(lines, line);)
    if (auto record = parse_line(line)) records.push_back(std::move(*record));
  return records;
}

MetricsWriter::MetricsWriter(fs::path file, std::int64_t last_step) : file_(std::move(file)) {
  drop_after(last_step);
}

void MetricsWriter::drop_after(std::int64_t last_step) {
  std::string kept;
  std::error_code ignored;
  if (fs::exists(file_, ignored)) {
    std::istringstream lines(read_file(file_));
    for (std::string line; std::getline(lines, line);) {
      const auto step = integer(parse(line), "step");
      if (step && *step <= last_step) kept += line + "\n";
    }
  }
  out_.close();
  write_file_atomically(file_, kept);
  out_.open(file_, std::ios::app);
}

void MetricsWriter::write(const MetricsRecord& record) {
  out_ << to_line(record) << "\n";
  out_.flush();
  if (!out_) throw DataError("{}: writing failed (disk full?)", file_.string());
}

}  // namespace pocketstyle::run

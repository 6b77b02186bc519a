// SPDX-License-Identifier: Apache-2.0
#include "serve/progress.h"

#include "pocketstyle/core/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pocketstyle::serve {
namespace {

constexpr const char* kTotal = "total";

}  // namespace

Progress progress_of(const Job& job, const MetricsReader& metrics, const Folders& folders) {
  Progress progress;
  if (!metrics.losses().empty()) {
    progress.loss = metrics.losses().back();
    progress.step = progress.loss->step;
  }
  if (!metrics.validation().empty()) progress.held_out_total = metrics.validation().back().total;
  const auto previews = run::list_preview_steps(folders.run(job.id));
  if (!previews.empty()) progress.preview_step = previews.back();
  progress.planned_steps = metrics.planned_steps();
  if (job.state == JobState::training && progress.loss) {
    progress.images_per_s = metrics.images_per_s();
    const std::int64_t steps = progress.planned_steps.value_or(job.steps);
    progress.eta_s =
        steps > 0 ? metrics.seconds_per_step() * static_cast<double>(std::max<std::int64_t>(0, steps - progress.step))
                  : 60 * job.minutes;  // it has just started
  }
  return progress;
}

std::string to_json(const Progress& progress) {
  nlohmann::json json{{"step", progress.step}};
  if (progress.loss) {
    progress.loss->terms.visit([&](const char* name, double value) { json["loss"][name] = value; });
    json["loss"][kTotal] = progress.loss->total;
  }
  if (progress.held_out_total) json["held_out_total"] = *progress.held_out_total;
  if (progress.planned_steps) json["planned_steps"] = *progress.planned_steps;
  if (progress.preview_step) json["preview_step"] = *progress.preview_step;
  return json_text(json);
}

Progress progress_from_json(const std::string& text) {
  try {
    const auto json = nlohmann::json::parse(text);
    Progress progress;
    progress.step = json.value("step", std::int64_t{0});
    if (json.contains("loss")) {
      const auto& values = json.at("loss");
      LossPoint loss{.step = progress.step};
      if (values.is_array()) {  // stored like this by older versions
        loss.terms = {.content = values.at(0), .style = values.at(1), .tv = values.at(2)};
        loss.total = values.at(3);
      } else {
        loss.terms.visit([&](const char* name, double& value) { value = values.value(name, 0.0); });
        loss.total = values.at(kTotal);
      }
      progress.loss = loss;
    }
    if (json.contains("held_out_total")) progress.held_out_total = json.at("held_out_total").get<double>();
    if (json.contains("planned_steps")) progress.planned_steps = json.at("planned_steps").get<std::int64_t>();
    if (json.contains("preview_step")) progress.preview_step = json.at("preview_step").get<std::int64_t>();
    return progress;
  } catch (const std::exception&) {
    return {};
  }
}

void ProgressBoard::open(const std::string& id) {
  const std::lock_guard lock(mutex_);
  readers_[id] = std::make_unique<MetricsReader>(folders_.metrics(id));
}

void ProgressBoard::close(const std::string& id) {
  const std::lock_guard lock(mutex_);
  readers_.erase(id);
}

Progress ProgressBoard::progress(const Job& job) {
  const std::lock_guard lock(mutex_);
  const auto found = readers_.find(job.id);
  if (found == readers_.end()) return progress_from_json(job.progress);
  found->second->refresh();
  return progress_of(job, *found->second, folders_);
}

}  // namespace pocketstyle::serve

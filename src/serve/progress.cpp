// SPDX-License-Identifier: Apache-2.0
#include "serve/progress.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
namespace {

/// The newest step that there is a picture of.
std::optional<std::int64_t> newest_preview(const fs::path& folder) {
  std::optional<std::int64_t> newest;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("step-") || !name.ends_with("-0.png")) continue;
    std::int64_t step = 0;
    const char* const begin = name.data() + 5;
    if (std::from_chars(begin, name.data() + name.size() - 6, step).ec == std::errc())
      newest = std::max(newest.value_or(0), step);
  }
  return newest;
}

}  // namespace

Progress progress_of(const Job& job, const MetricsReader& metrics, const Folders& folders) {
  Progress progress;
  if (!metrics.losses().empty()) {
    progress.loss = metrics.losses().back();
    progress.step = progress.loss->step;
  }
  if (!metrics.validation().empty()) progress.held_out_total = metrics.validation().back().total;
  progress.preview_step = newest_preview(folders.run(job.id) / "previews");
  if (job.state == JobState::training && progress.loss) {
    progress.images_per_s = metrics.images_per_s();
    progress.eta_s =
        metrics.seconds_per_step() * static_cast<double>(std::max<std::int64_t>(0, job.steps - progress.step));
  }
  return progress;
}

std::string to_json(const Progress& progress) {
  nlohmann::json json{{"step", progress.step}};
  if (progress.loss)
    json["loss"] = {progress.loss->content, progress.loss->style, progress.loss->tv, progress.loss->total};
  if (progress.held_out_total) json["held_out_total"] = *progress.held_out_total;
  if (progress.preview_step) json["preview_step"] = *progress.preview_step;
  return json.dump();
}

Progress progress_from_json(const std::string& text) {
  try {
    const auto json = nlohmann::json::parse(text);
    Progress progress;
    progress.step = json.value("step", std::int64_t{0});
    if (json.contains("loss")) {
      const auto values = json.at("loss").get<std::vector<double>>();
      progress.loss = LossPoint{progress.step, values.at(0), values.at(1), values.at(2), values.at(3)};
    }
    if (json.contains("held_out_total")) progress.held_out_total = json.at("held_out_total").get<double>();
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

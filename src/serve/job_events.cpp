// SPDX-License-Identifier: Apache-2.0
#include "serve/job_events.h"

#include "serve/api_json.h"

#include "pocketstyle/core/error.h"

#include <algorithm>

namespace pocketstyle::serve {
namespace {

std::string event(std::string_view kind, const Json& data, std::string_view id = {}) {
  return fmt::format("event: {}\n{}{}{}data: {}\n\n", kind, id.empty() ? "" : "id: ", id, id.empty() ? "" : "\n",
                     text_of(data));
}

/// The points of `now` that are not in `sent`. A run that rolled back or resumed repeats steps; points with the same
/// values were sent already.
template <class Point>
std::vector<Point> news(const std::vector<Point>& sent, const std::vector<Point>& now) {
  const auto [old_end, new_begin] = std::mismatch(sent.begin(), sent.end(), now.begin(), now.end());
  return {new_begin, now.end()};
}

}  // namespace

JobEvents::JobEvents(const Store& store, Folders folders, std::string id, std::int64_t last_step)
    : store_(store),
      folders_(std::move(folders)),
      id_(std::move(id)),
      metrics_(folders_.metrics(id_)),
      last_step_(last_step) {}

void JobEvents::take_metrics(std::string& text) {
  for (const LossPoint& loss : news(losses_, metrics_.losses())) {
    if (loss.step <= last_step_) continue;
    Json data{{"step", loss.step}};
    data.update(loss_json(loss));
    text += event("loss", data, std::to_string(loss.step));
  }
  for (const ValidationPoint& point : news(validation_, metrics_.validation()))
    text += event("held_out", {{"step", point.step}, {"total", point.total}});
  if (!metrics_.losses().empty()) last_step_ = -1;  // from now on compare with what was sent, since steps may repeat
  losses_ = metrics_.losses();
  validation_ = metrics_.validation();
}

std::string JobEvents::take() {
  std::string text;
  if (ended_) return text;
  // Reads the job before its files, so that all files of a job that has ended are complete.
  const auto job = store_.job(id_);
  if (!job) {
    ended_ = true;
    return text;
  }
  metrics_.refresh();
  const Progress progress = progress_of(*job, metrics_, folders_);
  std::string now = event("job", job_json(*job, progress));
  ended_ = has_ended(job->state);
  if (!ended_ && now != job_) text += now;
  take_metrics(text);
  if (progress.preview_step && *progress.preview_step != preview_step_) {
    preview_step_ = *progress.preview_step;
    text += event("preview", {{"step", preview_step_}, {"url", preview_url(id_, preview_step_)}});
  }
  if (ended_) text += now;
  job_ = std::move(now);
  return text;
}

}  // namespace pocketstyle::serve

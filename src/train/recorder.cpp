// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/train/recorder.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/media/tensor.h"
#include "pocketstyle/run/folder.h"

#include <nlohmann/json.hpp>

namespace pocketstyle::train {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostRows = 12;  // of the contact sheet; if there are more, every other one is dropped
constexpr std::int64_t kCellWidth = 320;

}  // namespace

Recorder::Recorder(const config::Config& config, std::int64_t first_step, bool resumed,
                   const std::vector<torch::Tensor>& originals, const std::string& provenance_json)
    : run_(config.run), first_step_(first_step) {
  for (const char* folder : {"", run::kCheckpointsFolder, run::kPreviewsFolder}) remove_leftovers(run_.folder / folder);
  write_description(config, provenance_json);
  for (const torch::Tensor& photo : originals) originals_.push_back(media::from_tensor_nchw255(photo.to(torch::kCPU)));
  metrics_.emplace(run_.folder / run::kMetricsName, resumed ? first_step : -1);
  tensorboard_.emplace(run_.folder);
}

void Recorder::write_description(const config::Config& config, const std::string& provenance_json) {
  write_file_atomically(run_.folder / run::kConfigName, config::to_yaml(config, /*comments=*/true));
  write_file_atomically(run_.folder / run::kDescriptionName,
                        json_text(nlohmann::ordered_json{{"provenance", nlohmann::json::parse(provenance_json)},
                                                         {"threads", torch::get_num_threads()},
                                                         {"started_at_step", first_step_}},
                                  2) +
                            "\n");
}

void Recorder::write_scalars(const std::string& tag, std::int64_t step, const run::LossTerms& loss) {
  tensorboard_->scalar(tag + "/total", step, loss.total());
  loss.visit_shown([&](const char* name, double value) { tensorboard_->scalar(tag + "/" + name, step, value); });
}

void Recorder::on_step(const StepReport& report) {
  if (report.step % run_.log_every != 0) return;
  metrics_->write(run::StepRecord{.step = report.step,
                                  .loss = report.loss,
                                  .total = report.loss.total(),
                                  .gradient_norm = report.gradient_norm,
                                  .learning_rate = report.learning_rate,
                                  .images_per_s = static_cast<double>(report.images) / report.seconds.total(),
                                  .seconds = report.seconds});
  write_scalars("loss", report.step, report.loss);
  tensorboard_->scalar("gradient_norm", report.step, report.gradient_norm);
  tensorboard_->scalar("learning_rate", report.step, report.learning_rate);
}

void Recorder::on_validation(std::int64_t step, const run::LossTerms& loss) {
  metrics_->write(run::ValidationRecord{step, loss, loss.total()});
  write_scalars("held_out", step, loss);
}

void Recorder::on_rollback(std::int64_t from_step, std::int64_t to_step, const std::string& why) {
  metrics_->drop_after(to_step);
  metrics_->write(run::RollbackRecord{to_step, from_step, why});
}

void Recorder::on_plan(const run::PlanRecord& plan, const config::Config& config, const std::string& provenance_json) {
  run_ = config.run;
  write_description(config, provenance_json);
  metrics_->write(plan);
}

void Recorder::on_preview(std::int64_t step, const std::vector<torch::Tensor>& outputs_nchw255) {
  for (std::size_t i = 0; i < outputs_nchw255.size(); ++i)
    media::save_image(run::preview_path(run_.folder, step, i), media::from_tensor_nchw255(outputs_nchw255[i]));
  draw_contact_sheet();
}

void Recorder::draw_contact_sheet() const {
  std::vector<std::int64_t> steps = run::list_preview_steps(run_.folder);
  while (steps.size() > kMostRows) {  // keep the first, every other, and the last
    std::vector<std::int64_t> fewer;
    for (std::size_t i = 0; i < steps.size(); ++i)
      if (i % 2 == 0 || i + 1 == steps.size()) fewer.push_back(steps[i]);
    steps = std::move(fewer);
  }
  std::vector<std::string> labels = {"photo"};
  std::vector<std::vector<media::Image>> pictures = {originals_};
  for (const std::int64_t step : steps) {
    labels.push_back("step " + std::to_string(step));
    pictures.emplace_back();
    for (std::size_t i = 0; i < originals_.size(); ++i) {
      const fs::path path = run::preview_path(run_.folder, step, i);
      if (fs::exists(path)) pictures.back().push_back(media::load_image(path));
    }
  }
  std::vector<media::LabelledRow> rows;
  for (std::size_t i = 0; i < labels.size(); ++i) rows.push_back({labels[i], pictures[i]});
  const auto& first = originals_.front();
  media::save_image(run_.folder / run::kContactSheetName,
                    media::contact_sheet(rows, kCellWidth, kCellWidth * first.height / first.width));
}

}  // namespace pocketstyle::train

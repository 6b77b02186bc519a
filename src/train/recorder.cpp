// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/train/recorder.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/version.h"
#include "pocketstyle/media/tensor.h"

#include <nlohmann/json.hpp>
#include <torch/version.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace pocketstyle::train {
namespace fs = std::filesystem;
namespace {

using nlohmann::ordered_json;
constexpr std::size_t kMostRows = 12;  // of the contact sheet; later rows then stand further apart
constexpr std::int64_t kCellWidth = 320;

ordered_json loss_json(const LossValues& loss) {
  ordered_json json{{"content", loss.content}, {"style", loss.style}, {"tv", loss.tv}};
  if (loss.teacher > 0) json["teacher"] = loss.teacher;
  if (loss.temporal > 0) json["temporal"] = loss.temporal;
  json["total"] = loss.total();
  return json;
}

std::string preview_name(std::int64_t step, std::size_t photo) {
  return fmt::format("step-{:08}-{}.png", step, photo);
}

}  // namespace

Recorder::Recorder(const config::Config& config, std::int64_t first_step, bool resumed,
                   const std::vector<torch::Tensor>& originals, const std::string& provenance_json)
    : run_(config.run), metrics_path_(config.run.folder / "metrics.jsonl") {
  for (const char* folder : {"", "checkpoints", "previews"}) remove_leftovers(run_.folder / folder);
  write_file_atomically(run_.folder / "config.yaml", config::to_yaml(config, /*comments=*/true));
  write_file_atomically(run_.folder / "run.json", ordered_json{{"provenance", nlohmann::json::parse(provenance_json)},
                                                               {"threads", torch::get_num_threads()},
                                                               {"started_at_step", first_step}}
                                                          .dump(2) +
                                                      "\n");
  for (const torch::Tensor& photo : originals) originals_.push_back(media::from_tensor_nchw255(photo.to(torch::kCPU)));
  open_metrics(resumed ? first_step : -1);
  tensorboard_.emplace(run_.folder);
}

void Recorder::open_metrics(std::int64_t keep_up_to_step) {
  std::string kept;
  std::error_code error;
  if (fs::exists(metrics_path_, error)) {
    std::istringstream lines(read_file(metrics_path_));
    for (std::string text; std::getline(lines, text);) {
      const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
      // A line that a killed run left half written is dropped as well.
      if (!json.is_discarded() && json.value("step", keep_up_to_step + 1) <= keep_up_to_step) kept += text + "\n";
    }
  }
  metrics_.close();
  write_file_atomically(metrics_path_, kept);
  metrics_.open(metrics_path_, std::ios::app);
}

void Recorder::line(const std::string& json) {
  metrics_ << json << "\n";
  metrics_.flush();
  if (!metrics_) throw DataError("{}: writing failed (disk full?)", metrics_path_.string());
}

void Recorder::on_step(const StepReport& report) {
  if (report.step % run_.log_every != 0) return;
  const PhaseSeconds& s = report.seconds;
  line(ordered_json{{"kind", "step"},
                    {"step", report.step},
                    {"loss", loss_json(report.loss)},
                    {"gradient_norm", report.gradient_norm},
                    {"learning_rate", report.learning_rate},
                    {"images_per_s", static_cast<double>(report.images) / s.total()},
                    {"seconds",
                     {{"data", s.data},
                      {"forward", s.forward},
                      {"loss", s.loss},
                      {"backward", s.backward},
                      {"exchange", s.exchange},
                      {"optimiser", s.optimiser}}}}
           .dump());
  tensorboard_->scalar("loss/total", report.step, report.loss.total());
  tensorboard_->scalar("loss/content", report.step, report.loss.content);
  tensorboard_->scalar("loss/style", report.step, report.loss.style);
  tensorboard_->scalar("loss/tv", report.step, report.loss.tv);
  tensorboard_->scalar("gradient_norm", report.step, report.gradient_norm);
  tensorboard_->scalar("learning_rate", report.step, report.learning_rate);
}

void Recorder::on_validation(std::int64_t step, const LossValues& loss) {
  line(ordered_json{{"kind", "held_out"}, {"step", step}, {"loss", loss_json(loss)}}.dump());
  tensorboard_->scalar("held_out/total", step, loss.total());
  tensorboard_->scalar("held_out/content", step, loss.content);
  tensorboard_->scalar("held_out/style", step, loss.style);
}

void Recorder::on_rollback(std::int64_t from_step, std::int64_t to_step, const std::string& why) {
  open_metrics(to_step);
  line(ordered_json{{"kind", "rollback"}, {"step", to_step}, {"from_step", from_step}, {"why", why}}.dump());
}

void Recorder::on_preview(std::int64_t step, const std::vector<torch::Tensor>& outputs_nchw255) {
  for (std::size_t i = 0; i < outputs_nchw255.size(); ++i)
    media::save_image(run_.folder / "previews" / preview_name(step, i), media::from_tensor_nchw255(outputs_nchw255[i]));
  draw_contact_sheet();
}

void Recorder::draw_contact_sheet() const {
  std::vector<std::int64_t> steps;
  for (const auto& entry : fs::directory_iterator(run_.folder / "previews")) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("step-") && name.ends_with("-0.png")) steps.push_back(std::stoll(name.substr(5, 8)));
  }
  std::sort(steps.begin(), steps.end());
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
      const fs::path path = run_.folder / "previews" / preview_name(step, i);
      if (fs::exists(path)) pictures.back().push_back(media::load_image(path));
    }
  }
  std::vector<media::LabelledRow> rows;
  for (std::size_t i = 0; i < labels.size(); ++i) rows.push_back({labels[i], pictures[i]});
  const auto& first = originals_.front();
  media::save_image(run_.folder / "contact_sheet.jpg",
                    media::contact_sheet(rows, kCellWidth, kCellWidth * first.height / first.width));
}

}  // namespace pocketstyle::train

// SPDX-License-Identifier: Apache-2.0
#include "serve/api_json.h"

#include "serve/picture_header.h"

#include "pocketstyle/config/architecture.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/network/layer_table.h"

namespace pocketstyle::serve {
namespace {

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}
template <class Number>
Json number_or_null(const std::optional<Number>& number) {
  return number ? Json(*number) : Json(nullptr);
}

}  // namespace

std::string text_of(const Json& json) {
  return json_text(json);
}

std::string preview_url(const std::string& job, std::int64_t step) {
  return fmt::format("{}/jobs/{}/preview?step={}", kApi, job, step);
}

Json loss_json(const LossPoint& loss) {
  Json json;
  loss.terms.visit_shown([&](const char* name, double value) { json[name] = value; });
  json["total"] = loss.total;
  return json;
}

Json job_json(const Job& job, const Progress& progress) {
  return {{"id", job.id},
          {"name", job.name},
          {"state", to_string(job.state)},
          {"preset", job.preset},
          {"budget", job.budget},
          {"step", progress.step},
          {"steps", progress.planned_steps.value_or(job.steps)},
          {"minutes", job.minutes > 0 ? Json(job.minutes) : Json(nullptr)},
          {"strength", job.strength},
          {"created_at", job.created_at},
          {"started_at", text_or_null(job.started_at)},
          {"ended_at", text_or_null(job.ended_at)},
          {"error", text_or_null(job.error)},
          {"queue_position", job.queue_position == 0 ? Json(nullptr) : Json(job.queue_position)},
          {"images_per_s", number_or_null(progress.images_per_s)},
          {"eta_s", number_or_null(progress.eta_s)},
          {"loss", progress.loss ? loss_json(*progress.loss) : Json(nullptr)},
          {"held_out_total", number_or_null(progress.held_out_total)},
          {"style_url", fmt::format("{}/jobs/{}/style", kApi, job.id)},
          {"preview_url", progress.preview_step ? Json(preview_url(job.id, *progress.preview_step)) : Json(nullptr)},
          {"model_id", text_or_null(job.model_id)}};
}

Json file_json(const std::string& model, const ModelFile& file) {
  return {{"name", file.name},
          {"kind", file.kind},
          {"io", file.io},
          {"precision", file.precision},
          {"state", to_string(file.state)},
          {"verified", file.verified},
          {"bytes", file.bytes},
          {"sha256", file.sha256},
          {"error", text_or_null(file.error)},
          {"url", fmt::format("{}/models/{}/files/{}", kApi, model, file.name)}};
}

Json model_json(const Model& model) {
  Json files = Json::array();
  for (const ModelFile& file : model.files) files.push_back(file_json(model.id, file));
  const std::string url = fmt::format("{}/models/{}", kApi, model.id);
  const bool has_thumbnail = !model.thumbnail_sha256.empty() || model.style_sha256.empty();
  return {{"id", model.id},
          {"name", model.name},
          {"style", model.style},
          {"preset", model.preset},
          {"parameters", model.parameters},
          {"macs_256", model.macs_256},
          {"created_at", model.created_at},
          {"job_id", text_or_null(model.job_id)},
          {"held_out_total", number_or_null(model.held_out_total)},
          {"thumbnail_url", url + (has_thumbnail ? "/thumbnail" : "/style")},
          {"style_url", url + "/style"},
          {"files", std::move(files)}};
}

Json options_json(const Recipes& recipes) {
  Json presets = Json::array(), budgets = Json::array();
  for (const config::Preset& preset : config::presets()) {
    const auto totals = network::totals(preset.architecture);
    presets.push_back({{"name", preset.name},
                       {"parameters", totals.parameters},
                       {"macs_256", totals.macs},
                       {"summary", preset.help}});
  }
  for (const Budget& each : kBudgets) {
    const Budget budget = recipes.budget(each);
    budgets.push_back(
        {{"name", budget.name}, {"title", budget.title}, {"minutes", budget.minutes}, {"crop", budget.crop}});
  }
  return {{"presets", std::move(presets)},
          {"budgets", std::move(budgets)},
          {"default_preset", kDefaultPreset},
          {"default_budget", kDefaultBudget},
          {"max_upload_bytes", kMaxUploadBytes},
          {"strength", {{"default", recipes.default_strength()}, {"min", kMinStrength}, {"max", kMaxStrength}}}};
}

}  // namespace pocketstyle::serve

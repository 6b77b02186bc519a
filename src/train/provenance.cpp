// SPDX-License-Identifier: Apache-2.0
#include "train/provenance.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/core/version.h"
#include "pocketstyle/nn/weights.h"

#include <nlohmann/json.hpp>
#include <torch/version.h>

namespace pocketstyle::train {
std::string make_provenance(const config::Config& config, const std::string& vgg_sha256, torch::ScalarType compute_type,
                            int world) {
  const config::LossConfig& loss = config.loss;
  const config::StyleConfig& style = config.style;
  nlohmann::ordered_json json{
      {"pocketstyle", version()},
      {"libtorch", TORCH_VERSION},
      {"style", style.image.filename().string()},
      {"style_sha256", file_sha256(style.image)},
      {"style_size", style.size},
      {"style_trim", style.trim},
      {"style_colors", style.colors},
      {"vgg_sha256", vgg_sha256},
      {"loss", {{"content", loss.content}, {"style", loss.style}, {"tv", loss.tv}}},
      {"loss_layers", {{"content", loss.content_layers}, {"style", loss.style_layers}}},
      {"loss_convention",
       "VGG-16 after ReLU, input RGB 0..255 minus the file's mean; content: MSE of relu2_2; style: MSE of "
       "Gram/(C*H*W), summed over relu1_2 relu2_2 relu3_3 relu4_3; tv: sum of squared neighbour differences a picture; "
       "a layer's term times its share in loss_layers"},
      {"steps", config.train.steps},
      {"batch", config.train.batch},
      {"accumulate", config.train.accumulate},
      {"processes", world},
      {"crop", config.data.crop},
      {"seed", config.run.seed},
      {"output_fan_in", config.train.output_fan_in},
      {"ema", config.train.ema},
      {"precision", compute_type == torch::kBFloat16 ? "bf16" : "fp32"}};
  if (!style.more.empty()) {
    for (const auto& path : style.more)
      json["more_styles"].push_back({{"style", path.filename().string()}, {"style_sha256", file_sha256(path)}});
    json["style_weights"] = style.weights;
  }
  if (!config.teacher.net.empty())
    json["teacher"] = {{"sha256", file_sha256(nn::resolve_net_path(config.teacher.net))},
                       {"output", config.teacher.output},
                       {"features", config.teacher.features}};
  if (config.temporal.weight > 0)
    json["temporal"] = {
        {"weight", config.temporal.weight}, {"noise", config.temporal.noise}, {"shift", config.temporal.shift}};
  if (config.data.small_crop > 0)
    json["small_crops"] = {{"crop", config.data.small_crop}, {"share", config.data.small_share}};
  if (!config.train.init.empty()) json["init_sha256"] = file_sha256(nn::resolve_net_path(config.train.init));
  return json.dump();
}

void check_same_sources(const std::string& saved, const std::string& now, const std::string& where) {
  auto a = nlohmann::json::parse(saved, nullptr, false), b = nlohmann::json::parse(now);
  if (a.is_discarded()) throw UsageError("{}: does not say what it was made from; a resumed run must", where);
  const bool older = !a.contains("loss_layers");  // knew fewer of the keys, and did then what the defaults do now
  if (!a.contains("output_fan_in")) a["output_fan_in"] = 0.0;  // older versions had no such thing
  for (auto* json : {&a, &b})
    if (json->contains("batch"))
      (*json)["photos_a_step"] = json->value("batch", 0) * json->value("accumulate", 1) * json->value("processes", 1);
  for (const char* key : {"style_sha256", "style_size", "style_trim", "style_colors", "more_styles", "style_weights",
                          "vgg_sha256", "loss", "loss_layers", "teacher", "temporal", "photos_a_step", "crop",
                          "small_crops", "seed", "output_fan_in", "ema"}) {
    if (older && !a.contains(key)) continue;
    const auto old = a.value(key, nlohmann::json()), wanted = b.value(key, nlohmann::json());
    if (old != wanted)
      throw UsageError("{}: was made with another {} ({}, now {}); a resumed run must go on as it began", where, key,
                       old.dump(), wanted.dump());
  }
  const std::string began = a.value("precision", "fp32"), goes_on = b.value("precision", "fp32");
  if (began != goes_on)
    log()->warn("[train] {}: began in {} and goes on in {}: it will not equal an unbroken run (run.precision)", where,
                began, goes_on);
}

}  // namespace pocketstyle::train

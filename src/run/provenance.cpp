// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/run/provenance.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/core/version.h"
#include "pocketstyle/run/metadata.h"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <type_traits>
#include <vector>

namespace pocketstyle::run {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

constexpr const char *kSteps = "steps", *kInit = "init", *kInitHash = "init_sha256";

/// A key whose value a resumed run must keep.
struct Key {
  std::string name;
  config::Resume resume;
  Json value;  ///< for a path: the SHA-256 of the file
};

/// The SHA-256 in a provenance for the file or files of a key; null if there is none. Every path that a resumed run
/// must keep is listed here.
Json hash_in(const Json& provenance, const std::string& key) {
  static const std::map<std::string, Json::json_pointer> kPlaces = {
      {"style.image", Json::json_pointer("/style_sha256")},
      {"loss.vgg", Json::json_pointer("/vgg_sha256")},
      {"teacher.net", Json::json_pointer("/teacher/sha256")}};
  if (key == "style.more") {
    Json all;
    for (const auto& style : provenance.value("more_styles", Json::array())) all.push_back(style.at("style_sha256"));
    return all;
  }
  return provenance.value(kPlaces.at(key), Json());
}

/// Collects the keys of a configuration.
class Keys {
 public:
  explicit Keys(const Json& provenance) : provenance_(provenance) {}

  template <class S>
  void section(std::string_view name, S& value, std::string_view) {
    section_ = name;
    value.visit(*this);
  }
  template <class T>
  void field(std::string_view name, T& member, const config::FieldInfo& info) {
    if (info.resume == config::Resume::may_change) return;
    const std::string key = section_ + "." + std::string(name);
    all.push_back({key, info.resume, value_of(key, member)});
  }

  std::vector<Key> all;

 private:
  template <class T>
  Json value_of(const std::string& key, const T& member) const {
    if constexpr (std::is_same_v<T, fs::path> || std::is_same_v<T, std::vector<fs::path>>)
      return hash_in(provenance_, key);
    else
      return member;
  }
  template <class T>
  Json value_of(const std::string& key, const std::optional<T>& member) const {
    return member ? value_of(key, *member) : Json();
  }

  const Json& provenance_;
  std::string section_;
};

/// Without irrelevant differences: a preset's name where the numbers are the same, and settings of disabled features.
config::Config without_idle(config::Config config, const config::Architecture& net) {
  config.net = {.kernel = net.kernel,
                .widths = std::vector(net.widths.begin(), net.widths.end()),
                .block = std::string(config::to_string(net.block)),
                .blocks = net.blocks,
                .mid = net.mid};
  if (config.style.more.empty()) config.style.weights.clear();
  if (config.data.small_crop == 0) config.data.small_share = 0;
  if (config.teacher.net.empty()) config.teacher = {};
  if (config.temporal.weight == 0) config.temporal = {};
  return config;
}

struct Run {
  config::Config config;
  Json provenance;
};

Run read(const Origin& origin, const std::string& where) {
  Run run;
  run.provenance = parse_json<Json>(origin.provenance_json);
  if (!run.provenance.is_object())
    throw UsageError("{}: does not record how it was trained, so it cannot be resumed", where);
  std::vector<std::string> before;
  if (!run.provenance.contains("style_contrast")) before.emplace_back("style.contrast=1");
  if (!run.provenance.contains("output_fan_in"))
    before.emplace_back("train.output_fan_in=0");  // as in the first versions
  const config::Config config =
      config::parse_config(origin.config_yaml, where + " (the configuration in its checkpoint)", ".", before);
  run.config = without_idle(config, origin.net ? *origin.net : config.net.architecture());
  return run;
}

std::int64_t photos_a_step(const Run& run) {
  return run.config.train.batch * run.config.train.accumulate * run.provenance.value("processes", 1);
}

}  // namespace

std::string make_provenance(const config::Config& config, const Surroundings& surroundings) {
  const config::LossConfig& loss = config.loss;
  const config::StyleConfig& style = config.style;
  nlohmann::ordered_json json{
      {"pocketstyle", version()},
      {"libtorch", surroundings.libtorch},
      {"style", style.image.filename().string()},
      {"style_sha256", file_sha256(style.image)},
      {"style_size", style.size},
      {"style_trim", style.trim},
      {"style_colors", style.colors},
      {"style_contrast", style.contrast},
      {"vgg_sha256", surroundings.vgg_sha256},
      {"loss", {{"content", loss.content}, {"style", surroundings.style_weight}, {"tv", loss.tv}, {"grid", loss.grid}}},
      {"loss_strength", loss.strength},
      {"loss_layers", {{"content", loss.content_layers}, {"style", loss.style_layers}}},
      {"loss_convention",
       "picture clamped to 0..255; VGG-16 after ReLU, input RGB 0..255 minus the file's mean, mirrored by one pixel "
       "before each convolution; content: MSE of relu2_2; style: MSE of Gram/(C*H*W), summed over relu1_2 relu2_2 "
       "relu3_3 relu4_3; tv: sum of squared neighbour differences a picture; grid: mean square of period-4 patterns in "
       "windows of 32 pixels; a layer's term times its share in "
       "loss_layers"},
      {kSteps, config.train.steps},
      {"batch", config.train.batch},
      {"accumulate", config.train.accumulate},
      {"processes", surroundings.processes},
      {"crop", config.data.crop},
      {"seed", config.run.seed},
      {"output_fan_in", config.train.output_fan_in},
      {"ema", config.train.ema},
      {"precision", surroundings.precision}};
  if (!style.more.empty()) {
    for (const auto& path : style.more)
      json["more_styles"].push_back({{"style", path.filename().string()}, {"style_sha256", file_sha256(path)}});
    json["style_weights"] = style.weights;
  }
  if (!config.teacher.net.empty())
    json["teacher"] = {{"sha256", surroundings.teacher_sha256},
                       {"output", config.teacher.output},
                       {"features", config.teacher.features}};
  if (config.temporal.weight > 0)
    json["temporal"] = {
        {"weight", config.temporal.weight}, {"noise", config.temporal.noise}, {"shift", config.temporal.shift}};
  if (config.data.small_crop > 0)
    json["small_crops"] = {{"crop", config.data.small_crop}, {"share", config.data.small_share}};
  if (config.train.minutes > 0) json["minutes"] = config.train.minutes;
  json[kInit] = surroundings.init.name;
  if (!surroundings.init.sha256.empty()) json[kInitHash] = surroundings.init.sha256;
  return json_text(json);
}

Init init_of(const Origin& origin) {
  const Json provenance = parse_json<Json>(origin.provenance_json);
  if (!provenance.is_object()) return {};
  const std::string hash = provenance.value(kInitHash, "");
  // Older versions kept the hash alone.
  return {provenance.value(kInit, hash.empty() ? config::kInitNone : "weights"), hash};
}

std::string with_steps(const std::string& provenance_json, std::int64_t steps) {
  auto json = nlohmann::ordered_json::parse(provenance_json);
  json[kSteps] = steps;
  return json_text(json);
}

TrainedAs trained_as(const std::map<std::string, std::string>& metadata) {
  TrainedAs trained;
  const auto found = metadata.find(kProvenanceKey);
  if (found == metadata.end()) return trained;
  const Json json = parse_json<Json>(found->second);
  if (!json.is_object()) return trained;
  if (const auto style = json.find("style"); style != json.end() && style->is_string())
    trained.style = fs::path(style->get<std::string>()).stem().string();
  const auto number = [&](const char* key, std::int64_t& value) {
    if (const auto at = json.find(key); at != json.end() && at->is_number_integer()) value = at->get<std::int64_t>();
  };
  number("steps", trained.steps), number("batch", trained.batch), number("crop", trained.crop);
  return trained;
}

std::optional<double> style_weight_of(const Origin& origin) {
  const Json provenance = parse_json<Json>(origin.provenance_json);
  const Json::json_pointer place("/loss/style");
  if (!provenance.is_object() || !provenance.contains(place) || !provenance.at(place).is_number()) return {};
  return provenance.at(place).get<double>();
}

void check_can_resume(const Origin& began, const Origin& goes_on, const std::string& where) {
  Run old = read(began, where), now = read(goes_on, where);
  const auto refuse = [&](const std::string& key, const Json& before, const Json& after) {
    const auto text = [](const Json& value) { return value.is_null() ? "none" : json_text(value); };
    throw UsageError("{}: was trained with another {} ({}, now {}), which must not change in a resumed run", where, key,
                     text(before), text(after));
  };
  Keys keys(old.provenance), keys_now(now.provenance);
  old.config.visit(keys);
  now.config.visit(keys_now);
  for (std::size_t i = 0; i < keys.all.size(); ++i) {
    const Key &key = keys.all[i], &key_now = keys_now.all[i];
    const bool may_differ =
        key.resume == config::Resume::photos_a_step || (key.resume == config::Resume::may_end && key_now.value == 0);
    if (key.value != key_now.value && !may_differ) refuse(key.name, key.value, key_now.value);
  }
  if (photos_a_step(old) != photos_a_step(now))
    refuse("train.batch x train.accumulate x processes", photos_a_step(old), photos_a_step(now));

  if (old.provenance.value("loss_convention", "") != now.provenance.value("loss_convention", ""))
    log()->warn("[train] {}: was started with another version's loss and continues with this one's", where);
  const std::string precision = old.provenance.value("precision", "fp32"),
                    precision_now = now.provenance.value("precision", "fp32");
  if (precision != precision_now)
    log()->warn(
        "[train] {}: was started in {} and continues in {}: it will differ from an uninterrupted run (run.precision)",
        where, precision, precision_now);
}

}  // namespace pocketstyle::run

// SPDX-License-Identifier: Apache-2.0
#include "serve/recipe.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace pocketstyle::serve {
namespace {

constexpr std::int64_t kPreviews = 8;           // approximate number per job
constexpr std::int64_t kValidation = 4;         // validation losses, which take longer
constexpr std::int64_t kPoints = 200;           // approximate number of points of a loss curve
constexpr std::int64_t kCheckpointEvery = 100;  // maximum number of steps lost when a server is killed
constexpr double kMinutesALine = 10;            // with a time limit: one step more between points per so many minutes
constexpr std::int64_t kRarely = 1'000'000;     // steps; training itself lowers this for a run with a time limit

template <class Number>
Number number(const std::string& text, const char* field, Number low, Number high) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || !(value >= low && value <= high))
    throw UsageError("{}: expected a number from {} to {}", field, low, high);
  return value;
}

/// The number of UTF-8 characters; empty if the text is not valid UTF-8 or has control characters.
std::optional<std::size_t> count_characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80                    ? 1
                               : first >= 0xC2 && first < 0xE0 ? 2
                               : first >= 0xE0 && first < 0xF0 ? 3
                               : first >= 0xF0 && first < 0xF5 ? 4
                                                               : 0;
    if (length == 0 || i + length > text.size() || first < 0x20 || first == 0x7F) return std::nullopt;
    std::uint32_t code = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0U) != 0x80U) return std::nullopt;
      code = code << 6U | (next & 0x3FU);
    }
    const bool is_long_form = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (is_long_form || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) || (code >= 0x80 && code < 0xA0))
      return std::nullopt;
    i += length;
  }
  return count;
}

void check_name(const std::string& name) {
  const auto characters = count_characters(name);
  if (!characters) throw UsageError("name: expected text in UTF-8 without control characters");
  if (*characters < 1 || *characters > kMaxNameCharacters || name.find_first_not_of(' ') == std::string::npos)
    throw UsageError("name: expected 1 to {} characters, found {}", kMaxNameCharacters, *characters);
}

const Budget& find_budget(const std::string& name) {
  std::string names;
  for (const Budget& budget : kBudgets) {
    if (budget.name == name) return budget;
    names += (names.empty() ? "" : ", ") + std::string(budget.name);
  }
  throw UsageError("budget: expected one of {}", names);
}

}  // namespace

std::string length_text(double minutes, std::int64_t steps) {
  if (minutes > 0) return fmt::format("{:g} {}", minutes, minutes == 1 ? "minute" : "minutes");
  return fmt::format("{} {}", steps, steps == 1 ? "step" : "steps");
}

Recipes::Recipes(std::filesystem::path base) : base_(std::move(base)), config_(config::load_config(base_)) {}

Budget Recipes::budget(const Budget& budget) const {
  Budget filled = budget;
  const auto fill = [](std::int64_t& value, std::int64_t base) { value = value == 0 ? base : value; };
  if (budget.crop == 0 && config_.train.minutes > 0) filled.minutes = config_.train.minutes;
  fill(filled.crop, config_.data.crop);
  fill(filled.window_max, config_.data.window_max);
  fill(filled.held_out_size, config_.data.held_out_size);
  fill(filled.style_size, config_.style.size);
  return filled;
}

std::vector<std::string> Recipes::overrides(const Budget& budget, std::int64_t steps) const {
  std::vector<std::string> keys;
  const auto set = [&](const char* key, auto value) { keys.push_back(fmt::format("{}={}", key, value)); };
  set("data.crop", budget.crop);
  set("data.window_max", budget.window_max);
  set("data.held_out_size", budget.held_out_size);
  set("style.size", budget.style_size);
  set("run.preview_photos", 1);
  if (steps == 0) {
    set("train.minutes", budget.minutes);
    set("data.small_crop", 0);  // cannot be combined with minutes
    set("run.preview_every", kRarely);
    set("run.evaluate_every", kRarely);
    set("run.log_every", std::max<std::int64_t>(1, static_cast<std::int64_t>(budget.minutes / kMinutesALine)));
    set("run.checkpoint_every", kCheckpointEvery);
    return keys;
  }
  const std::int64_t eighth = std::max<std::int64_t>(1, steps / kPreviews);
  set("train.steps", steps);
  set("train.warmup", std::min(config_.train.warmup, steps / 10));
  set("run.preview_every", eighth);
  set("run.evaluate_every", std::max<std::int64_t>(1, steps / kValidation));
  set("run.log_every", std::max<std::int64_t>(1, steps / kPoints));
  set("run.checkpoint_every", std::min(eighth, kCheckpointEvery));
  return keys;
}

Recipe Recipes::recipe(const JobRequest& request, const std::filesystem::path& style,
                       const std::filesystem::path& run) const {
  check_name(request.name);
  config::find_preset(request.preset);
  Budget chosen = budget(find_budget(request.budget));
  if (!request.minutes.empty() && !request.steps.empty())
    throw UsageError("steps: given together with minutes, expected one of them");
  if (!request.minutes.empty()) chosen.minutes = number(request.minutes, "minutes", kMinMinutes, kMaxMinutes);
  const std::int64_t steps = request.steps.empty() ? 0 : number<std::int64_t>(request.steps, "steps", 1, kMaxSteps);
  std::vector<std::string> keys = overrides(chosen, steps);
  if (!request.strength.empty())
    keys.push_back(fmt::format("loss.strength={}", number(request.strength, "strength", kMinStrength, kMaxStrength)));
  keys.push_back("net.preset=" + request.preset);
  keys.push_back("style.image=" + style.string());
  keys.push_back("run.folder=" + run.string());
  return {request.name, request.preset, request.budget, config::load_config(base_, keys)};
}

}  // namespace pocketstyle::serve

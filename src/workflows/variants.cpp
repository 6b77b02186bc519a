// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/variants.h"

#include "workflows/contact_sheet.h"
#include "workflows/launcher.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/core/signals.h"
#include "pocketstyle/network/layer_table.h"
#include "pocketstyle/nn/model_files.h"
#include "pocketstyle/report/comparison.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/workflows/compare.h"
#include "pocketstyle/workflows/spread.h"
#include "pocketstyle/workflows/subjects.h"
#include "pocketstyle/workflows/threads.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cmath>
#include <string_view>
#include <utility>

namespace pocketstyle::workflows {
namespace fs = std::filesystem;
namespace {

/// A training run of a variant.
struct Run {
  std::string label, name;             ///< of the variant, of its folder
  std::vector<std::string> overrides;  ///< overrides of its configuration
  config::Config config;
  [[nodiscard]] bool done() const {
    return fs::exists(config.run.folder / run::kFinalWeightsName) &&
           nn::resolve_net_path(config.run.folder).filename() == run::kFinalWeightsName;
  }
};

std::string folder_name(const Variant& variant) {
  std::string name;
  for (const char c : variant.label)
    name += std::isalnum(static_cast<unsigned char>(c)) || c == '=' || c == '.' ? c : '_';
  return variant.seed == 0 ? name : fmt::format("{}-seed{}", name, variant.seed);
}

bool is_set(const std::vector<std::string>& overrides, std::string_view prefix) {
  return std::any_of(overrides.begin(), overrides.end(), [&](const auto& one) { return one.starts_with(prefix); });
}

/// Networks are compared from random weights unless train.init was set: not all have a base network.
VariantsOptions with_equal_starts(VariantsOptions options, const std::vector<Variant>& variants) {
  const bool networks_differ =
      std::any_of(variants.begin(), variants.end(), [](const auto& one) { return is_set(one.overrides, "net."); });
  if (!networks_differ || is_set(options.overrides, "train.init=")) return options;
  std::vector<std::string> first = options.overrides;
  first.insert(first.end(), variants.front().overrides.begin(), variants.front().overrides.end());
  if (config::load_config(options.config, first).train.init == config::kInitBase)
    options.overrides.push_back(fmt::format("train.init={}", config::kInitNone));
  return options;
}

Run run_of(const VariantsOptions& options, const Variant& variant) {
  const std::string name = folder_name(variant);
  std::vector<std::string> all = options.overrides;
  all.insert(all.end(), variant.overrides.begin(), variant.overrides.end());
  if (variant.seed != 0) all.push_back(fmt::format("run.seed={}", variant.seed));
  all.push_back(fmt::format("run.threads={}", thread_count(0, options.jobs)));
  all.push_back("run.folder=" + (options.folder / name).string());
  return {variant.label, name, all, config::load_config(options.config, all)};
}

Job job_of(const VariantsOptions& options, const Run& run) {
  Job job{{"train", options.config.string()}, options.folder / (run.name + ".log")};
  for (const std::string& one : run.overrides) {
    job.arguments.emplace_back("--set");
    job.arguments.push_back(one);
  }
  if (!run::list_checkpoints(run.config.run.folder).empty()) {
    job.arguments.emplace_back("--resume");
    job.arguments.push_back(run.config.run.folder.string());
  }
  return job;
}

double final_validation(const Run& run) {
  const auto validation = report::read_curve(run.config.run.folder).validation;
  return validation.empty() ? std::nan("") : validation.back().loss;
}

/// Trains the runs that are not finished. Returns the signal that stopped it, or 0.
int train_all(const VariantsOptions& options, const std::vector<Run>& runs, const VariantsEvents& events,
              const JobRunner& run_all) {
  std::vector<Job> jobs;
  std::vector<const Run*> open;
  for (const Run& run : runs) {
    if (run.done()) continue;
    jobs.push_back(job_of(options, run));
    open.push_back(&run);
  }
  events.started(options, runs.size(), runs.size() - jobs.size());
  const auto start = std::chrono::steady_clock::now();
  std::size_t ended_jobs = 0, failed = 0;
  const auto ended = [&](std::size_t job, int code) {
    ++ended_jobs;
    if (is_stop_signal(code - kSignalled)) return;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    RunEnded run{.name = open[job]->name, .trained = code == 0, .last_words = {}, .log = jobs[job].log};
    run.seconds_left =
        elapsed.count() / static_cast<double>(ended_jobs) * static_cast<double>(jobs.size() - ended_jobs);
    if (run.trained) {
      run.validation = final_validation(*open[job]);
    } else {
      ++failed;
      run.last_words = code > kSignalled ? failure_text(code) : last_line(read_file(run.log));
    }
    events.ended(run);
  };
  const int signal = run_all(jobs, static_cast<std::size_t>(options.jobs), ended);
  if (signal == 0 && failed > 0) throw RuntimeFailure("{} of {} runs failed", failed, runs.size());
  return signal;
}

/// Groups runs that differ only in the seed.
std::vector<VariantResult> results_of(const std::vector<Run>& runs) {
  std::vector<VariantResult> results;
  for (const Run& run : runs) {
    if (results.empty() || results.back().label != run.label) {
      const auto sum = network::totals(run.config.net.architecture());
      results.push_back({run.label, {}, {}, sum.parameters, sum.macs});
    }
    results.back().runs.push_back(run.config.run.folder);
    results.back().validation.push_back(final_validation(run));
  }
  return results;
}

void write_json(const VariantsOptions& options, const std::vector<VariantResult>& results) {
  nlohmann::ordered_json json{{"format", "sweep 1"}};
  for (const VariantResult& result : results) {
    nlohmann::ordered_json runs;
    for (std::size_t i = 0; i < result.runs.size(); ++i)
      runs.push_back({{"folder", result.runs[i].lexically_relative(options.folder).string()},
                      {"held_out_total", result.validation[i]}});
    json["variants"].push_back({{"label", result.label},
                                {"parameters", result.parameters},
                                {"macs_256", result.macs},
                                {"held_out_total", spread(result.validation).mean},
                                {"runs", runs}});
  }
  write_file_atomically(options.folder / "sweep.json", json_text(json, 2) + "\n");
}

}  // namespace

VariantsOutcome run_variants(const VariantsOptions& given, const std::vector<Variant>& variants,
                             const VariantsEvents& events, const JobRunner& run) {
  const VariantsOptions options = with_equal_starts(given, variants);
  std::vector<Run> runs;
  for (const Variant& variant : variants) runs.push_back(run_of(options, variant));
  const FolderLock lock(options.folder);
  if (const int signal = train_all(options, runs, events, run); signal != 0) return {.results = {}, .signal = signal};
  auto results = results_of(runs);
  write_json(options, results);
  draw_contact_sheet(options.folder / run::kContactSheetName, results, runs.front().config);
  return {.results = std::move(results)};
}

fs::path write_report(const VariantsOptions& options, const std::vector<VariantResult>& results,
                      const fs::path& baseline) {
  std::vector<evaluate::Subject> subjects;
  if (!baseline.empty()) subjects.push_back({model_name(baseline), {baseline}});
  for (const VariantResult& result : results) subjects.push_back({result.label, result.runs});
  const fs::path page = options.folder / "report.html";
  write_file_atomically(page, report::to_html(compare({}, subjects)));
  return page;
}

}  // namespace pocketstyle::workflows

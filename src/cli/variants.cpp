// SPDX-License-Identifier: Apache-2.0
#include "cli/variants.h"

#include "cli/child_process.h"
#include "cli/compare.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/subjects.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/data/photos.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/media/tensor.h"
#include "pocketstyle/network/layer_table.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/report/comparison.h"
#include "pocketstyle/run/folder.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <numeric>

namespace pocketstyle::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kCellWidth = 320;

/// A variant with what training it needs.
struct Run {
  std::string label, name;             ///< the variant's, its folder's
  std::vector<std::string> overrides;  ///< that make its configuration
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

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// The standard deviation of a sample of two or more.
double deviation(const std::vector<double>& values) {
  const double center = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - center) * (value - center);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double final_validation(const Run& run) {
  const auto validation = report::read_curve(run.config.run.folder).validation;
  return validation.empty() ? std::nan("") : validation.back().loss;
}

void train_all(const VariantsOptions& options, const std::vector<Run>& runs) {
  std::vector<Job> jobs;
  std::vector<const Run*> open;
  for (const Run& run : runs) {
    if (run.done()) continue;
    jobs.push_back(job_of(options, run));
    open.push_back(&run);
  }
  std::cout << fmt::format("{} runs, {} of them done, {} at a time, in {}", runs.size(), runs.size() - jobs.size(),
                           options.jobs, options.folder.string())
            << std::endl;
  const auto start = std::chrono::steady_clock::now();
  std::size_t ended_jobs = 0, failed = 0;
  const auto say = [&](std::size_t job, int code) {
    ++ended_jobs;
    if (code >= 128) return;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    const double left =
        elapsed.count() / static_cast<double>(ended_jobs) * static_cast<double>(jobs.size() - ended_jobs);
    if (code == 0) {
      std::cout << fmt::format("{}: validation loss {:.0f}  {} left", open[job]->name, final_validation(*open[job]),
                               duration_text(left))
                << std::endl;
      return;
    }
    ++failed;
    const std::string said = last_line(read_file(jobs[job].log));
    std::cerr << fmt::format("pocketstyle: {}: {} (all of it: {})\n", open[job]->name,
                             said.empty() ? "it said nothing" : said, jobs[job].log.string());
  };
  const int signal = run_jobs(jobs, static_cast<std::size_t>(options.jobs), say);
  if (signal != 0) {
    std::cout << "stopped; the same command goes on\n";
    throw CLI::RuntimeError(128 + signal);
  }
  if (failed > 0) throw RuntimeFailure("{} of {} runs failed", failed, runs.size());
}

/// Groups runs that differ in the seed only.
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

/// One row a variant, of its first seed, below the photos.
void draw_contact_sheet(const VariantsOptions& options, const std::vector<VariantResult>& results,
                        const config::Config& config) {
  if (config.data.held_out.empty()) return;
  const torch::NoGradGuard no_grad;
  auto photos = data::load_validation_photos(config.data);
  photos.resize(std::min(photos.size(), static_cast<std::size_t>(config.run.preview_photos)));
  std::vector<std::vector<media::Image>> pictures(1);
  for (const torch::Tensor& photo : photos) pictures[0].push_back(media::from_tensor_nchw255(photo));
  for (const VariantResult& result : results) {
    nn::StyleNet net = nn::load_net(result.runs.front()).net;
    pictures.emplace_back();
    for (const torch::Tensor& photo : photos)
      pictures.back().push_back(media::from_tensor_nchw255(net->forward(photo)));
  }
  std::vector<media::LabelledRow> rows = {{"photo", pictures[0]}};
  for (std::size_t i = 0; i < results.size(); ++i) rows.push_back({results[i].label, pictures[i + 1]});
  const media::Image& first = pictures[0].front();
  media::save_image(options.folder / run::kContactSheetName,
                    media::contact_sheet(rows, kCellWidth, kCellWidth * first.height / first.width));
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
                                {"held_out_total", mean_loss(result)},
                                {"runs", runs}});
  }
  write_file_atomically(options.folder / "sweep.json", json.dump(2) + "\n");
}

}  // namespace

void add_variants_options(CLI::App& command, VariantsOptions& options) {
  command.add_option("--jobs", options.jobs, "Runs at a time, the cores shared among them")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command.add_flag("--report", options.report,
                   "When all are trained: report.html, with quality, sizes, speed and the front of loss against cost");
}

double mean_loss(const VariantResult& result) {
  return mean(result.validation);
}

std::string loss_text(const VariantResult& result) {
  std::string text = with_commas(std::llround(mean_loss(result)));
  if (result.validation.size() < 2) return text;
  const auto [low, high] = std::minmax_element(result.validation.begin(), result.validation.end());
  return fmt::format("{} +- {} ({} seeds, {} to {})", text, with_commas(std::llround(deviation(result.validation))),
                     result.validation.size(), with_commas(std::llround(*low)), with_commas(std::llround(*high)));
}

std::string against_text(const VariantResult& result, const VariantResult& baseline) {
  std::vector<double> percent;
  for (std::size_t i = 0; i < result.validation.size(); ++i)
    percent.push_back(100 * (result.validation[i] / baseline.validation.at(i) - 1));
  const std::string text = fmt::format("{:+.1f}%", mean(percent));
  return percent.size() < 2 ? text : fmt::format("{} +- {:.1f}%", text, deviation(percent));
}

std::vector<VariantResult> run_variants(const VariantsOptions& options, const std::vector<Variant>& variants) {
  std::vector<Run> runs;
  for (const Variant& variant : variants) runs.push_back(run_of(options, variant));
  const FolderLock lock(options.folder);
  train_all(options, runs);
  auto results = results_of(runs);
  write_json(options, results);
  draw_contact_sheet(options, results, runs.front().config);
  return results;
}

void write_report(const VariantsOptions& options, const std::vector<VariantResult>& results, const fs::path& baseline) {
  if (!options.report) return;
  std::vector<evaluate::Subject> subjects;
  if (!baseline.empty()) subjects.push_back({model_name(baseline), {baseline}});
  for (const VariantResult& result : results) subjects.push_back({result.label, result.runs});
  CompareArguments arguments;
  arguments.output = options.folder / "report.html";
  arguments.force = true;
  run_compare(arguments, subjects);
}

}  // namespace pocketstyle::cli

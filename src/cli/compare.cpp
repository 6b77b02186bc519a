// SPDX-License-Identifier: Apache-2.0
#include "cli/compare.h"

#include "cli/output.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/temporary_folder.h"
#include "pocketstyle/core/version.h"
#include "pocketstyle/run/folder.h"

#include <torch/utils.h>
#include <torch/version.h>

#include <ctime>
#include <iostream>
#include <thread>

namespace pocketstyle::cli {
namespace fs = std::filesystem;
namespace {

std::string format_of(const CompareArguments& arguments) {
  if (!arguments.format.empty()) return arguments.format;
  const std::string extension = lower_extension(arguments.output);
  if (extension == ".html" || extension == ".htm") return "html";
  if (extension == ".json") return "json";
  return extension == ".md" ? "markdown" : "text";
}

/// The configuration that is asked for, or that of the first run folder.
config::Config configuration(const CompareArguments& arguments, const std::vector<evaluate::Subject>& subjects) {
  if (!arguments.config.empty()) return config::load_config(arguments.config, arguments.overrides);
  for (const evaluate::Subject& subject : subjects)
    for (const fs::path& file : subject.files)
      if (fs::exists(file / run::kConfigName)) return config::load_config(file / run::kConfigName, arguments.overrides);
  throw UsageError("--compare: expected --config with the style and the photos, or a run folder among the networks");
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm date{};
  ::gmtime_r(&now, &date);
  return fmt::format("{:04}-{:02}-{:02}", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
}

report::Conditions conditions(const CompareArguments& arguments, const config::Config& config) {
  report::Conditions how;
  how.date = today();
  how.processor = cpu_model();
  how.versions = fmt::format("pocketstyle {}, LibTorch {}", version(), TORCH_VERSION);
  how.cores = static_cast<int>(std::thread::hardware_concurrency());
  how.threads = thread_count(arguments.threads, 1);
  how.height = arguments.height;
  how.width = arguments.width;
  how.style = config.style.image.stem().string();
  return how;
}

void write(const CompareArguments& arguments, const report::Comparison& comparison) {
  const std::string format = format_of(arguments);
  const std::string text = format == "html"       ? report::to_html(comparison)
                           : format == "json"     ? report::to_json(comparison)
                           : format == "markdown" ? report::to_markdown(comparison)
                                                  : report::to_text(comparison);
  if (arguments.output.empty()) {
    std::cout << text;
    return;
  }
  write_file_atomically(arguments.output, text);
  std::cout << arguments.output << "\n";
}

}  // namespace

void run_compare(const CompareArguments& arguments, const std::vector<evaluate::Subject>& subjects) {
  if (!arguments.output.empty()) check_can_write(arguments.output, arguments.force);
  if (subjects.size() < 2) throw UsageError("--compare: expected two networks or more, found {}", subjects.size());
  report::Comparison comparison;
  comparison.networks = describe_subjects(subjects);
  const config::Config config = configuration(arguments, subjects);
  comparison.conditions = conditions(arguments, config);
  set_threads(comparison.conditions.threads);

  const TemporaryFolder folder;
  const auto exported = export_subjects(subjects, folder.path(), comparison.networks);
  measure_times(exported, folder.path(), comparison);
  if (!config.data.held_out.empty()) {
    add_pictures(subjects, config.data.held_out, arguments.photos, folder.path(), comparison);
    add_scores(subjects, config, arguments.nima, comparison);
  }
  write(arguments, comparison);
}

}  // namespace pocketstyle::cli

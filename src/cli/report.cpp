// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/report.h"

#include "cli/commands.h"
#include "cli/measures.h"
#include "cli/options.h"
#include "cli/output.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/workflows/compare.h"
#include "pocketstyle/workflows/subjects.h"

#include <iostream>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct ReportArguments {
  std::string subject, baseline = "original", size = "256x256", format, output;
  std::vector<std::string> networks;  // networks to compare
  workflows::CompareOptions compare;  // its threads apply to both kinds of report
  bool time = false, force = false;
};

/// The requested format, or the one given by the output's extension.
std::string comparison_format(const ReportArguments& options) {
  if (!options.format.empty()) return options.format;
  const std::string extension = lower_extension(options.output);
  if (extension == ".html" || extension == ".htm") return "html";
  if (extension == ".json") return "json";
  return extension == ".md" ? "markdown" : "text";
}

template <class Content>
std::string text_of(const Content& content, const std::string& format) {
  return format == "json"       ? report::to_json(content)
         : format == "markdown" ? report::to_markdown(content)
                                : report::to_text(content);
}
std::string text_of(const report::Comparison& comparison, const std::string& format) {
  return format == "html" ? report::to_html(comparison) : text_of<report::Comparison>(comparison, format);
}

void write_text(const std::string& output, const std::string& text) {
  if (output.empty()) {
    std::cout << text;
    return;
  }
  write_file_atomically(output, text);
  std::cout << output << "\n";
}

void run_report(const ReportArguments& options) {
  if (options.networks.empty() == options.subject.empty())
    throw UsageError("report: expected either one network, or --compare with two or more");
  if (!options.networks.empty()) {
    workflows::CompareOptions compare = options.compare;
    std::tie(compare.height, compare.width) = parse_size(options.size, "--size");
    const auto subjects = workflows::parse_subjects(options.networks);
    if (!options.output.empty()) check_can_write(options.output, options.force);
    return write_text(options.output, text_of(workflows::compare(compare, subjects), comparison_format(options)));
  }
  const std::string& format = options.format;
  if (format == "html") throw UsageError("--format html: expected --compare as well");
  report::Report report;
  std::tie(report.height, report.width) = parse_size(options.size, "--size");
  report.net = workflows::report_subject(options.subject);
  report.baseline = workflows::report_subject(options.baseline);
  if (!options.output.empty()) check_can_write(options.output, options.force);
  if (options.time) workflows::measure_latencies(report, options.compare.threads);
  write_text(options.output, text_of(report, format));
}

}  // namespace

void add_report(CLI::App& app) {
  auto options = std::make_shared<ReportArguments>();
  workflows::CompareOptions& compare = options->compare;
  CLI::App* command =
      app.add_subcommand("report", "Report what compression gains and costs, beside the paper's tables");
  command->add_option("what", options->subject, "A preset, a .yaml configuration, a run folder or a model file");
  CLI::Option* networks =
      command
          ->add_option("--compare", options->networks,
                       "Two or more trained networks, the first being the baseline: [NAME=]FILE[,FILE2 ...], a "
                       "run folder, weights or an export; several files are the same network from several seeds")
          ->expected(1, 64);
  command
      ->add_option("--baseline", options->baseline,
                   "Baseline, if --compare is not used: a preset, configuration, run folder or model file")
      ->capture_default_str();
  command->add_option("--size", options->size, "Picture size, height x width in pixels")->capture_default_str();
  command
      ->add_option("--format", options->format,
                   "Output format; default: text, or with --compare that of the output's extension")
      ->check(CLI::IsMember({"text", "markdown", "json", "html"}));
  command->add_option("-o,--output", options->output, "Write to this file instead of the console")
      ->check(not_standard_output());
  command->add_flag("--force", options->force, "Overwrite an existing output");
  command->add_flag("--time", options->time, "Also time both networks' forward pass (--compare always does)");
  command->add_option("--threads", compare.threads, "CPU threads for timing; default: one per core")
      ->check(CLI::Range(1, 1024));
  command
      ->add_option(
          "--config", compare.config,
          "With --compare: configuration with style, loss and validation photos; default: that of the first run folder")
      ->check(CLI::ExistingFile)
      ->needs(networks);
  add_overrides(*command, compare.overrides,
                "With --compare: override a key: --set data.held_out_photos=45 (repeatable)")
      ->needs(networks);
  command->add_option("--photos", compare.photos, "With --compare: number of photos to show")
      ->check(CLI::Range(0, 100))
      ->capture_default_str()
      ->needs(networks);
  for (CLI::Option* option : add_measures(*command, compare.evaluation)) option->needs(networks);
  command->footer(
      "Examples:\n"
      "  pocketstyle report bottleneck\n"
      "  pocketstyle report runs/demo --baseline original --time\n"
      "  pocketstyle report model.ptl --size 1080x1920 --format markdown -o report.md\n"
      "  pocketstyle report --compare runs/original runs/bottleneck small=runs/mini,runs/mini2 -o report.html");
  command->callback([options] { run_report(*options); });
}

}  // namespace pocketstyle::cli

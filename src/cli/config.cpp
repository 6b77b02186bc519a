// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"

#include "pocketstyle/config/load.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace {

struct ConfigOptions {
  std::string file;
  std::vector<std::string> overrides;
  bool no_comments = false;
};

void run_config(const ConfigOptions& options) {
  const config::Config config = options.file.empty() ? config::template_config(options.overrides)
                                                     : config::load_config(options.file, options.overrides);
  std::cout << config::to_yaml(config, !options.no_comments);
}

}  // namespace

void add_config(CLI::App& app) {
  auto options = std::make_shared<ConfigOptions>();
  CLI::App* command = app.add_subcommand("config", "Check a configuration and print it in full, with comments");
  command->add_option("file", options->file, "YAML file; if omitted, print the defaults as a template")
      ->check(CLI::ExistingFile);
  add_overrides(*command, options->overrides, "Override a key: --set train.steps=1000 (repeatable)");
  command->add_flag("--no-comments", options->no_comments, "Print keys and values only");
  command->footer(
      "Examples:\n"
      "  pocketstyle config > mine.yaml\n"
      "  pocketstyle config --set net.preset=mini --set train.steps=2000 > mine.yaml\n"
      "  pocketstyle config configs/demo.yaml --set net.preset=micro");
  command->callback([options] { run_config(*options); });
}

}  // namespace pocketstyle::cli

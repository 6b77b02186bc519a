// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/cli/app.h"

#include "cli/commands.h"
#include "cli/renamed_options.h"

#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/core/version.h"

#include <spdlog/sinks/stdout_color_sinks.h>

#include <algorithm>
#include <iostream>

namespace pocketstyle::cli {
namespace {

void set_up_log() {
  const auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  sink->set_pattern("%^%l%$ %v");
  log()->sinks() = {sink};
  log()->set_level(spdlog::level::info);
}

void add_commands(CLI::App& app) {
  app.description(
      "pocketstyle trains a style transfer network from a style picture and a folder of photos,\n"
      "makes it small, exports it for phones, and reports what that gained and cost.");
  app.footer(
      "Examples:\n"
      "  pocketstyle train configs/demo.yaml\n"
      "  pocketstyle export runs/demo -o out\n"
      "  pocketstyle report runs/demo --baseline original\n"
      "  pocketstyle stylize runs/demo photo.jpg -o styled.jpg\n"
      "Each command has its own --help.");
  app.set_version_flag("--version", std::string(version()));
  app.require_subcommand(0, 1);
  app.callback([&app] {
    if (app.get_subcommands().empty()) throw CLI::RequiredError("A subcommand");
  });
  add_train(app);
  add_sweep(app);
  add_compress(app);
  add_config(app);
  add_export(app);
  add_report(app);
  add_stylize(app);
  add_optimize(app);
  add_models(app);
  add_serve(app);
  add_evaluate(app);
  add_bench(app);
  add_inspect(app);
  add_import(app);
  add_weights(app);
  add_picture(app);
}

}  // namespace

int run(int argc, const char* const* argv) {
  set_up_log();
  keep_freed_memory();
  CLI::App app;
  add_commands(app);
  int code = 0;
  try {
    auto arguments = with_current_names({argv + std::min(argc, 1), argv + argc});
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes the last one first
    app.name(argc > 0 ? argv[0] : "pocketstyle");
    app.parse(std::move(arguments));
    std::cout.flush();
    return std::cout ? 0 : static_cast<int>(ErrorKind::runtime);
  } catch (const CLI::RuntimeError& stopped) {
    return stopped.get_exit_code();
  } catch (const CLI::ParseError& error) {
    code = app.exit(error) == 0 ? 0 : static_cast<int>(ErrorKind::usage);
  } catch (const Error& error) {
    std::cerr << "pocketstyle: " << error.what() << "\n";
    code = error.exit_code();
  } catch (const std::bad_alloc&) {
    std::cerr << "pocketstyle: out of memory; try a smaller size, crop or batch\n";
    code = static_cast<int>(ErrorKind::runtime);
  } catch (const std::exception& error) {  // LibTorch's too, whose backtrace begins in their second line
    std::cerr << "pocketstyle: " << first_line(error.what()) << "\n";
    code = static_cast<int>(ErrorKind::runtime);
  }
  return code;
}

}  // namespace pocketstyle::cli

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/cli/app.h"

#include "cli/commands.h"
#include "cli/reference.h"
#include "cli/renamed_options.h"
#include "cli/usage_error.h"

#include "pocketstyle/core/address_space.h"
#include "pocketstyle/core/cpu.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/core/version.h"

#include <fcntl.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <new>

namespace pocketstyle::cli {
namespace {

void set_up_log() {
  const auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  sink->set_pattern("%^%l%$ %v");
  log()->sinks() = {sink};
  log()->set_level(spdlog::level::info);
}

/// If standard input, output or error is closed, the next opened file would get its descriptor, and receive all that is
/// printed. /dev/null takes the place, opened in the wrong direction so that writes fail visibly.
void fill_closed_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(descriptor, F_GETFD) < 0) ::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/// CLI11's --help, written by ours.
class HelpPage : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* command, std::string name, CLI::AppFormatMode) const override {
    return help_page(describe(*command), name);
  }
};

void add_commands(CLI::App& app) {
  app.formatter(std::make_shared<HelpPage>());
  app.set_help_flag("-h,--help", "Print this help");
  app.description(
      "pocketstyle trains a style transfer network from a style picture and a folder of photos,\n"
      "compresses it, exports it for phones, and reports what compression gains and costs.");
  app.footer(
      "Examples:\n"
      "  pocketstyle train configs/demo.yaml\n"
      "  pocketstyle export runs/demo -o out\n"
      "  pocketstyle report runs/demo --baseline original\n"
      "  pocketstyle stylize runs/demo photo.jpg -o styled.jpg\n"
      "Each command has its own --help.");
  app.set_version_flag("--version", std::string(version()), "Print the version");
  app.require_subcommand(1);
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
  add_generate(app);
}

}  // namespace

int run(int argc, const char* const* argv) {
  fill_closed_descriptors();
  set_up_log();
  keep_freed_memory();
  try {
    check_address_space();
  } catch (const Error& error) {
    std::cerr << "pocketstyle: " << error.what() << std::endl;
    ::_exit(error.exit_code());  // OpenBLAS would wait at exit
  }
  CLI::App app{"", "pocketstyle"};
  add_commands(app);
  int code = 0;
  try {
    auto arguments = with_current_names({argv + std::min(argc, 1), argv + argc});
    std::reverse(arguments.begin(), arguments.end());  // CLI11 expects them in reverse order
    app.parse(std::move(arguments));
    std::cout.flush();
    return std::cout ? 0 : static_cast<int>(ErrorKind::runtime);
  } catch (const CLI::RuntimeError& stopped) {
    return stopped.get_exit_code();
  } catch (const CLI::Success& help_or_version) {
    return app.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    std::cerr << usage_error(app, error);
    code = static_cast<int>(ErrorKind::usage);
  } catch (const Error& error) {
    std::cerr << "pocketstyle: " << error.what() << "\n";
    code = error.exit_code();
  } catch (const std::filesystem::filesystem_error& error) {
    std::cerr << "pocketstyle: " << error.path1().string() << ": " << error.code().message() << "\n";
    code = static_cast<int>(ErrorKind::data);
  } catch (const std::exception& error) {  // including LibTorch's, whose stack trace starts on the second line
    const std::string text = first_line(error.what());
    const bool no_memory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
                           text.find("allocate memory") != std::string::npos;  // LibTorch's
    std::cerr << (no_memory ? "pocketstyle: out of memory; try a smaller size, crop or batch\n"
                            : "pocketstyle: internal error, please report it: " + text + "\n");
    code = static_cast<int>(ErrorKind::runtime);
  }
  return code;
}

}  // namespace pocketstyle::cli

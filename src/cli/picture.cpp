// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"

#include "pocketstyle/media/image.h"
#include "pocketstyle/serve/programs.h"
#include "pocketstyle/workflows/make.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

namespace pocketstyle::cli {
namespace {

struct PictureArguments {
  std::string input, output;
  std::int64_t size = 0;
};

void run_picture(const PictureArguments& arguments) {
  media::Image image = media::load_image(arguments.input);
  if (std::max(image.width, image.height) > arguments.size) image = media::resize_long_side(image, arguments.size);
  media::save_image(arguments.output, image);
}

/// For the server too.
void add_make(CLI::App& app) {
  constexpr int kPatienceS = 60;
  auto folder = std::make_shared<std::string>();
  auto seconds = std::make_shared<int>(kPatienceS);
  CLI::App* command = app.add_subcommand(serve::kMakeCommand, "Make the files that requests in a folder ask for");
  command->group("");  // hidden: for the server
  command->add_option("folder", *folder, "Folder of the requests")->check(CLI::ExistingDirectory)->required();
  command->add_option("--patience", *seconds, "End when no request has come for so many seconds")
      ->check(CLI::Range(0, 86400))
      ->capture_default_str();
  command->callback([folder, seconds] { workflows::make_files(*folder, std::chrono::seconds(*seconds)); });
}

}  // namespace

void add_picture(CLI::App& app) {
  add_make(app);
  auto arguments = std::make_shared<PictureArguments>();
  CLI::App* command = app.add_subcommand(serve::kPictureCommand,
                                         "Make an upright copy of a picture, without metadata and not too large");
  command->group("");  // hidden: for the server, which does not decode uploads itself
  command->add_option("input", arguments->input, "The picture")->required();
  command->add_option("-o,--output", arguments->output, "Output file: .jpg, .png or .webp")
      ->check(not_standard_output())
      ->required();
  command->add_option("--size", arguments->size, "Maximum long side in pixels")
      ->check(CLI::Range(1, 65536))
      ->required();
  command->callback([arguments] { run_picture(*arguments); });
}

}  // namespace pocketstyle::cli

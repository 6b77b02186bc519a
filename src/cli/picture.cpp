// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include "pocketstyle/media/image.h"
#include "pocketstyle/serve/programs.h"

#include <algorithm>
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

}  // namespace

void add_picture(CLI::App& app) {
  auto arguments = std::make_shared<PictureArguments>();
  CLI::App* command = app.add_subcommand(serve::kPictureCommand, "A picture upright, without metadata, not too large");
  command->group("");  // for the server, which decodes no upload itself
  command->add_option("input", arguments->input, "The picture")->required();
  command->add_option("-o,--output", arguments->output, "Where it goes: .jpg, .png or .webp")->required();
  command->add_option("--size", arguments->size, "Its longest side in pixels, at most")
      ->check(CLI::Range(1, 65536))
      ->required();
  command->callback([arguments] { run_picture(*arguments); });
}

}  // namespace pocketstyle::cli

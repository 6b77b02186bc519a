// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/output.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/nn/zoo.h"
#include "pocketstyle/stylize/pipeline.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pocketstyle::cli {
namespace fs = std::filesystem;
namespace {

struct StylizeCommand {
  std::string shipped, output, format;
  std::vector<std::string> inputs;  ///< the model's file first, unless a shipped one is named
  std::int64_t size = 0, memory_mb = 0;
  double strength = 1.0;
  int quality = 92, threads = 0;
  bool keep_colors = false, force = false;
};

bool is_writable_picture(const fs::path& path) {
  const auto extensions = media::writable_extensions();
  return std::find(extensions.begin(), extensions.end(), lower_extension(path)) != extensions.end();
}

/// One photo and a file name as output: that file. Everything else: a folder, the photos' names kept.
std::vector<stylize::PhotoJob> plan(const StylizeCommand& command) {
  std::vector<std::pair<fs::path, fs::path>> photos;  // and the name below the output folder
  for (const fs::path input : command.inputs) {
    if (!fs::is_directory(input)) {
      if (!fs::exists(input)) throw DataError("{}: no such photo or folder", input.string());
      photos.emplace_back(input, input.filename());
      continue;
    }
    for (const fs::path& photo : list_files(input, media::readable_extensions()))
      photos.emplace_back(photo, photo.lexically_relative(input));
  }
  if (photos.empty()) throw DataError("{}: expected photos, found none", command.inputs.front());

  const fs::path output = command.output;
  const bool names_picture = is_writable_picture(output) && !fs::is_directory(output);
  const bool one_photo = photos.size() == 1 && !fs::is_directory(command.inputs.front());
  const bool one_file = one_photo && output.has_extension() && !fs::is_directory(output);
  if (!one_file && (names_picture || fs::is_regular_file(output)))
    throw UsageError("{}: is a file, expected a folder for the results", command.output);
  if (one_file) media::check_writable(output);
  std::vector<stylize::PhotoJob> jobs;
  std::map<fs::path, fs::path> taken;
  for (const auto& [photo, name] : photos) {
    stylize::PhotoJob job{photo, one_file ? output : output / name};
    if (!one_file && !command.format.empty()) job.result.replace_extension(command.format);
    if (!one_file && !is_writable_picture(job.result)) job.result.replace_extension("png");
    std::error_code ignored;
    if (fs::equivalent(job.photo, job.result, ignored))
      throw UsageError("{}: is the photo itself, expected another place for the result", job.result.string());
    const auto [other, is_new] = taken.emplace(job.result, photo);
    if (!is_new)
      throw UsageError("{} and {} would both be written to {}", other->second.string(), photo.string(),
                       job.result.string());
    check_can_write(job.result, command.force);
    jobs.push_back(job);
  }
  return jobs;
}

/// Takes the model off the inputs.
fs::path take_model(StylizeCommand& command) {
  if (!command.shipped.empty()) return nn::find_zoo_model(command.shipped);
  if (command.inputs.size() < 2)
    throw UsageError("expected a model and photos, or --model with photos; see stylize --help");
  const fs::path model = command.inputs.front();
  command.inputs.erase(command.inputs.begin());
  return model;
}

void run_stylize(StylizeCommand command) {
  const fs::path path = take_model(command);
  const std::vector<stylize::PhotoJob> jobs = plan(command);
  set_threads(command.threads);
  const auto model = stylize::load_style_model(path);
  stylize::StylizeOptions options;
  if (command.size > 0) options.size = command.size;
  if (command.memory_mb > 0) options.memory_bytes = static_cast<std::uint64_t>(command.memory_mb) * 1'000'000;
  options.keep_colors = command.keep_colors;
  options.strength = command.strength;

  std::size_t failed = 0;
  stylize::stylize_photos(*model, jobs, options, command.quality, [&](const stylize::PhotoOutcome& photo) {
    if (photo.error && jobs.size() == 1) throw *photo.error;
    if (photo.error) {
      ++failed;  // the others are still wanted
      std::cerr << "pocketstyle: " << photo.error->what() << std::endl;
      return;
    }
    std::cout << fmt::format("{}  {}x{}  {:.0f} ms", photo.job.result.string(), photo.width, photo.height,
                             photo.milliseconds)
              << std::endl;
  });
  if (failed > 0) throw DataError("{} of {} photos failed", failed, jobs.size());
}

}  // namespace

void add_stylize(CLI::App& app) {
  auto options = std::make_shared<StylizeCommand>();
  CLI::App* command = app.add_subcommand("stylize", "Photos in a trained style");
  command
      ->add_option(
          "photos", options->inputs,
          "The model (a run folder, .safetensors, .pt, .ptl or .onnx), unless --model names one; then photos and "
          "folders of photos")
      ->type_name("[MODEL] PHOTO...")
      ->required();
  command->add_option("--model", options->shipped,
                      "A shipped model, such as starry_night or starry_night/original; see pocketstyle models");
  command->add_option("-o,--output", options->output, "A picture file for one photo, else a folder")->required();
  command->add_option("--size", options->size, "Long side of the result in pixels; default: the photo's size")
      ->check(CLI::Range(8, 65536));
  command->add_option("--strength", options->strength, "0: the photo, 1: the style")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_flag("--keep-colors", options->keep_colors, "The photo's colours with the style's strokes");
  command->add_option("--format", options->format, "Of pictures in a folder; default: as the photo")
      ->check(CLI::IsMember({"png", "jpg", "webp"}));
  command->add_option("--quality", options->quality, "Of JPEG and WebP")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--threads", options->threads, "CPU threads; default: one a core")->check(CLI::Range(1, 1024));
  command
      ->add_option("--memory", options->memory_mb,
                   "MB that the program may take, about; default: most of what is free. Photos that need more go "
                   "through the network in strips, more slowly, with the same result")
      ->check(CLI::Range(1, 1'000'000'000));
  command->add_flag("--force", options->force, "Overwrite results that exist");
  command->footer(
      "Examples:\n"
      "  pocketstyle stylize runs/demo photo.jpg -o styled.jpg\n"
      "  pocketstyle stylize --model starry_night photo.jpg -o styled.jpg\n"
      "  pocketstyle stylize starry_night.ptl holiday/ -o styled/ --size 1080 --keep-colors\n"
      "  pocketstyle stylize runs/demo poster_24mp.jpg -o poster.png --memory 2000");
  command->callback([options] { run_stylize(*options); });
}

}  // namespace pocketstyle::cli

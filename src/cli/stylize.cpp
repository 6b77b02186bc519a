// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/stylize_video.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/media/video.h"
#include "pocketstyle/nn/shipped_models.h"
#include "pocketstyle/stylize/pipeline.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::cli {
namespace fs = std::filesystem;
namespace {

struct StylizeCommand {
  std::string shipped, output, format;
  std::vector<std::string> inputs;  ///< the model's file first, unless a shipped one is named
  std::int64_t size = 0, memory_mb = 0;
  double strength = 1.0, seconds = 0;
  int quality = 92, crf = media::VideoWriterOptions{}.crf, threads = 0;
  bool keep_colors = false, force = false, json = false;
};

bool has_extension(const fs::path& path, std::span<const std::string_view> extensions) {
  return std::find(extensions.begin(), extensions.end(), lower_extension(path)) != extensions.end();
}
bool is_writable_picture(const fs::path& path) {
  return has_extension(path, media::writable_extensions());
}

/// The video among the inputs, alone there; nothing if all are photos. Where a video is to be written, what is read is
/// one too, and if it is none its reader says why.
std::optional<fs::path> find_video(const StylizeCommand& command) {
  const bool writes_video = has_extension(command.output, media::writable_video_extensions());
  for (const fs::path input : command.inputs) {
    if (has_extension(input, media::readable_extensions()) || fs::is_directory(input)) continue;
    if (!writes_video && !media::is_video(input)) continue;
    if (command.inputs.size() > 1) throw UsageError("{}: is a video, expected one alone", input.string());
    return input;
  }
  if (command.json || command.seconds > 0) throw UsageError("--json, --seconds: expected a video, found photos");
  return {};
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
  if (!command.shipped.empty()) return nn::find_shipped_model(command.shipped);
  if (command.inputs.size() < 2)
    throw UsageError("expected a model and photos, or --model with photos; see stylize --help");
  const fs::path model = command.inputs.front();
  command.inputs.erase(command.inputs.begin());
  return model;
}

stylize::StylizeOptions options_of(const StylizeCommand& command) {
  stylize::StylizeOptions options;
  if (command.size > 0) options.size = command.size;
  if (command.memory_mb > 0) options.memory_bytes = static_cast<std::uint64_t>(command.memory_mb) * 1'000'000;
  options.keep_colors = command.keep_colors;
  options.strength = command.strength;
  return options;
}

void run_video(const StylizeCommand& command, const fs::path& model, const fs::path& video) {
  media::check_writable_video(command.output);
  check_can_write(command.output, command.force);
  std::error_code ignored;
  if (fs::equivalent(video, command.output, ignored))
    throw UsageError("{}: is the video itself, expected another place for the result", command.output);
  set_threads(command.threads);
  stylize::VideoOptions options{.frame = options_of(command), .crf = command.crf, .seconds = {}};
  if (command.seconds > 0) options.seconds = command.seconds;
  stylize_video(*stylize::load_style_model(model), video, command.output, options, command.json);
}

void run_stylize(StylizeCommand command) {
  const fs::path path = take_model(command);
  if (const auto video = find_video(command)) return run_video(command, path, *video);
  const std::vector<stylize::PhotoJob> jobs = plan(command);
  set_threads(command.threads);
  const auto model = stylize::load_style_model(path);
  const stylize::StylizeOptions options = options_of(command);

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
  CLI::App* command = app.add_subcommand("stylize", "Photos or a video in a trained style");
  command
      ->add_option(
          "photos", options->inputs,
          "The model (a run folder, .safetensors, .pt, .ptl or .onnx), unless --model names one; then photos and "
          "folders of photos, or one video or camera")
      ->type_name("[MODEL] PHOTO...|VIDEO")
      ->required();
  command->add_option("--model", options->shipped,
                      "A shipped model, such as starry_night or starry_night/original; see pocketstyle models");
  command
      ->add_option("-o,--output", options->output,
                   "A picture file for one photo, a video file for a video, else a folder")
      ->required();
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
  command->add_option("--crf", options->crf, "Of a video's H.264: 0 loses nothing, 51 is the worst")
      ->check(CLI::Range(0, 51))
      ->capture_default_str();
  command->add_option("--seconds", options->seconds, "Of a video: only so many; a camera goes on until Ctrl-C")
      ->check(CLI::Range(0.001, 1e9));
  command->add_option("--threads", options->threads, "CPU threads; default: one a core")->check(CLI::Range(1, 1024));
  command
      ->add_option("--memory", options->memory_mb,
                   "MB that the program may take, about; default: most of what is free. Photos that need more go "
                   "through the network in strips, more slowly, with the same result")
      ->check(CLI::Range(1, 1'000'000'000));
  command->add_flag("--force", options->force, "Overwrite results that exist");
  command->add_flag("--json", options->json, "Of a video: what was done, its speed and flicker, as JSON");
  command->footer(
      "Examples:\n"
      "  pocketstyle stylize runs/demo photo.jpg -o styled.jpg\n"
      "  pocketstyle stylize --model starry_night photo.jpg -o styled.jpg\n"
      "  pocketstyle stylize starry_night.ptl holiday/ -o styled/ --size 1080 --keep-colors\n"
      "  pocketstyle stylize runs/demo poster_24mp.jpg -o poster.png --memory 2000\n"
      "  pocketstyle stylize --model starry_night clip.mp4 -o styled.mp4 --size 640\n"
      "Ctrl-C finishes a video where it is.");
  command->callback([options] { run_stylize(*options); });
}

}  // namespace pocketstyle::cli

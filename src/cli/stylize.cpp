// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/stylize.h"

#include "cli/commands.h"
#include "cli/progress_bar.h"
#include "cli/stop_signals.h"

#include "pocketstyle/core/error.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

namespace pocketstyle::cli {
namespace {

constexpr std::int64_t kLogEvery = 50;  // frames a line, where the output is no terminal

struct StylizeArguments {
  workflows::StylizeOptions options;
  std::int64_t size = 0, memory_mb = 0;
  double seconds = 0;
  bool json = false;
};

std::string video_json(const std::filesystem::path& result, const stylize::VideoProgress& video, double seconds) {
  nlohmann::ordered_json json{{"result", result.string()},
                              {"width", video.width},
                              {"height", video.height},
                              {"frames", video.frames},
                              {"seconds", video.seconds},
                              {"network_ms_a_frame", video.network_ms / static_cast<double>(video.frames)},
                              {"frames_per_second", static_cast<double>(video.frames) / seconds},
                              {"stopped", video.stopped},
                              {"still_share", video.still_share}};
  if (video.still_change) json["still_change"] = *video.still_change;
  return json.dump(2);
}

std::string video_text(const std::filesystem::path& result, const stylize::VideoProgress& video, double seconds) {
  std::string text =
      fmt::format("{}  {}x{}  {} frames, {:.2f} s  {:.0f} ms a frame in the network, {:.2f} frames/s", result.string(),
                  video.width, video.height, video.frames, video.seconds,
                  video.network_ms / static_cast<double>(video.frames), static_cast<double>(video.frames) / seconds);
  if (video.still_change)
    text += fmt::format("\nwhere the source stands still ({:.0f}% of it) the result changes by {:.2f} levels more",
                        100 * video.still_share, *video.still_change);
  return text + (video.stopped ? "\nstopped early, and finished there" : "");
}

/// Ctrl-C finishes the video where it is.
void run_video(workflows::Stylizing& stylizing, const std::filesystem::path& result, bool json) {
  const StopSignals signals;
  std::optional<ProgressBar> bar;  // once it is known how many frames there are
  const auto video = stylizing.video([&](const stylize::VideoProgress& done) {
    if (!bar) bar.emplace(0, done.expected_frames, kLogEvery);
    const std::string of = done.expected_frames > 0 ? fmt::format("/{}", done.expected_frames) : std::string();
    if (!json)
      bar->show(done.frames,
                fmt::format("frame {}{}  {}  {:.2f} frames/s", done.frames, of, duration_text(done.seconds),
                            static_cast<double>(done.frames) / bar->seconds()));
    return !signals.requested();
  });
  bar->end();
  std::cout << (json ? video_json(result, video, bar->seconds()) : video_text(result, video, bar->seconds()))
            << std::endl;
  if (video.stopped) throw CLI::RuntimeError(signals.exit_code());
}

void run_stylize(StylizeArguments arguments) {
  workflows::StylizeOptions& options = arguments.options;
  if (arguments.size > 0) options.frame.size = arguments.size;
  if (arguments.memory_mb > 0) options.frame.memory_bytes = static_cast<std::uint64_t>(arguments.memory_mb) * 1'000'000;
  if (arguments.seconds > 0) options.seconds = arguments.seconds;
  options.wants_video = arguments.json;
  workflows::Stylizing stylizing(options);
  if (stylizing.is_video()) return run_video(stylizing, options.output, arguments.json);
  stylizing.photos([](const stylize::PhotoOutcome& photo) {
    if (photo.error)
      std::cerr << "pocketstyle: " << photo.error->what() << std::endl;
    else
      std::cout << fmt::format("{}  {}x{}  {:.0f} ms", photo.job.result.string(), photo.width, photo.height,
                               photo.milliseconds)
                << std::endl;
  });
}

}  // namespace

void add_stylize(CLI::App& app) {
  auto arguments = std::make_shared<StylizeArguments>();
  workflows::StylizeOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand("stylize", "Photos or a video in a trained style");
  command
      ->add_option(
          "photos", options.inputs,
          "The model (a run folder, .safetensors, .pt, .ptl or .onnx), unless --model names one; then photos and "
          "folders of photos, or one video or camera")
      ->type_name("[MODEL] PHOTO...|VIDEO")
      ->required();
  command->add_option("--model", options.shipped,
                      "A shipped model, such as starry_night or starry_night/original; see pocketstyle models");
  command
      ->add_option("-o,--output", options.output,
                   "A picture file for one photo, a video file for a video, else a folder")
      ->required();
  command->add_option("--size", arguments->size, "Long side of the result in pixels; default: the photo's size")
      ->check(CLI::Range(8, 65536));
  command->add_option("--strength", options.frame.strength, "0: the photo, 1: the style")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_flag("--keep-colors", options.frame.keep_colors, "The photo's colours with the style's strokes");
  command->add_option("--format", options.format, "Of pictures in a folder; default: as the photo")
      ->check(CLI::IsMember({"png", "jpg", "webp"}));
  command->add_option("--quality", options.quality, "Of JPEG and WebP")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--crf", options.crf, "Of a video's H.264: 0 loses nothing, 51 is the worst")
      ->check(CLI::Range(0, 51))
      ->capture_default_str();
  command->add_option("--seconds", arguments->seconds, "Of a video: only so many; a camera goes on until Ctrl-C")
      ->check(CLI::Range(0.001, 1e9));
  command->add_option("--threads", options.threads, "CPU threads; default: one a core")->check(CLI::Range(1, 1024));
  command
      ->add_option("--memory", arguments->memory_mb,
                   "MB that the program may take, about; default: most of what is free. Photos that need more go "
                   "through the network in strips, more slowly, with the same result")
      ->check(CLI::Range(1, 1'000'000'000));
  command->add_flag("--force", options.force, "Overwrite results that exist");
  command->add_flag("--json", arguments->json, "Of a video: what was done, its speed and flicker, as JSON");
  command->footer(
      "Examples:\n"
      "  pocketstyle stylize runs/demo photo.jpg -o styled.jpg\n"
      "  pocketstyle stylize --model starry_night photo.jpg -o styled.jpg\n"
      "  pocketstyle stylize starry_night.ptl holiday/ -o styled/ --size 1080 --keep-colors\n"
      "  pocketstyle stylize runs/demo poster_24mp.jpg -o poster.png --memory 2000\n"
      "  pocketstyle stylize --model starry_night clip.mp4 -o styled.mp4 --size 640\n"
      "Ctrl-C finishes a video where it is.");
  command->callback([arguments] { run_stylize(*arguments); });
}

}  // namespace pocketstyle::cli

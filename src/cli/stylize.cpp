// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/stylize.h"

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/progress_bar.h"
#include "cli/stop_signals.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/json_text.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

namespace pocketstyle::cli {
namespace {

constexpr std::int64_t kLogEvery = 50;  // frames per line, if the output is not a terminal

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
  return json_text(json, 2);
}

std::string video_text(const std::filesystem::path& result, const stylize::VideoProgress& video, double seconds) {
  std::string text =
      fmt::format("{}  {}x{}  {} frames, {:.2f} s  {:.0f} ms per frame in the network, {:.2f} frames/s",
                  result.string(), video.width, video.height, video.frames, video.seconds,
                  video.network_ms / static_cast<double>(video.frames), static_cast<double>(video.frames) / seconds);
  if (video.still_change)
    text += fmt::format("\nwhere the source does not change ({:.0f}% of it), the result changes by {:.2f} levels more",
                        100 * video.still_share, *video.still_change);
  return text + (video.stopped ? "\nstopped early; the video is complete up to there" : "");
}

/// Ctrl-C ends the video early and completes the file.
void run_video(workflows::Stylizing& stylizing, const std::filesystem::path& result, bool json) {
  const StopSignals signals;
  std::optional<ProgressBar> bar;  // created when the number of frames is known
  const auto video = stylizing.video([&](const stylize::VideoProgress& done) {
    if (!bar) bar.emplace(done.expected_frames, kLogEvery);
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
      std::cout << fmt::format("{}  {}x{}  {:.0f} ms{}", photo.job.result.string(), photo.width, photo.height,
                               photo.milliseconds,
                               photo.profile.empty() ? "" : fmt::format("  from {} to sRGB", photo.profile))
                << std::endl;
  });
  if (const std::string skipped = stylizing.skipped_text(); !skipped.empty())
    std::cout << "skipped " << skipped << std::endl;
}

}  // namespace

void add_stylize(CLI::App& app) {
  auto arguments = std::make_shared<StylizeArguments>();
  workflows::StylizeOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand("stylize", "Stylize photos or a video with a trained model");
  command
      ->add_option(
          "photos", options.inputs,
          "The model (a run folder, .safetensors, .pt, .ptl or .onnx), unless --model is given, followed by photos and "
          "folders of photos, or by one video or camera")
      ->type_name("[MODEL] PHOTO|VIDEO")
      ->required();
  command->add_option(
      "--model", options.model,
      "Shipped model, such as starry_night or starry_night/original (see pocketstyle models), or a run folder or file");
  command
      ->add_option("-o,--output", options.output,
                   "Picture file for one photo, video file for a video, otherwise a folder")
      ->check(not_standard_output())
      ->required();
  command->add_option("--size", arguments->size, "Long side of the result in pixels; default: the photo's size")
      ->check(CLI::Range(8, 65536));
  command->add_option("--strength", options.frame.strength, "0: the photo, 1: the style")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      ->add_option("--style-scale", options.frame.style_scale,
                   "Size of the strokes: 2 makes them twice as large, 0.5 half as large; the result keeps its size")
      ->check(CLI::Range(0.1, 10.0))
      ->capture_default_str();
  command->add_flag("--keep-colors", options.frame.keep_colors, "Keep the photo's colours");
  command->add_option("--format", options.format, "Format of pictures in an output folder; default: that of the photo")
      ->check(CLI::IsMember({"png", "jpg", "webp"}));
  command->add_option("--quality", options.quality, "JPEG and WebP quality")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--crf", options.crf, "Quality of H.264 video: 0 is lossless, 51 is the worst")
      ->check(CLI::Range(0, 51))
      ->capture_default_str();
  command->add_option("--seconds", arguments->seconds, "Stop after this much of a video; a camera runs until Ctrl-C")
      ->check(CLI::PositiveNumber);
  command->add_flag("!--no-audio", options.audio, "Leave a video's audio out");
  command->add_option("--threads", options.threads, "CPU threads; default: one per core")->check(CLI::Range(1, 1024));
  command
      ->add_option("--memory", arguments->memory_mb,
                   "Approximate memory limit in MB; default: most of the free memory. Photos that need more are "
                   "processed in strips, more slowly, with the same result")
      ->check(CLI::Range(1, 1'000'000'000));
  command->add_flag("--force", options.force, "Overwrite existing results");
  command->add_flag("--json", arguments->json, "For a video: print the result, speed and flicker as JSON");
  command->footer(
      "Examples:\n"
      "  pocketstyle stylize runs/demo photo.jpg -o styled.jpg\n"
      "  pocketstyle stylize --model starry_night photo.jpg -o styled.jpg\n"
      "  pocketstyle stylize starry_night.ptl holiday/ -o styled/ --size 1080 --keep-colors\n"
      "  pocketstyle stylize --model starry_night photo_12mp.jpg -o styled.jpg --style-scale 3\n"
      "  pocketstyle stylize runs/demo poster_24mp.jpg -o poster.png --memory 2000\n"
      "  pocketstyle stylize --model starry_night clip.mp4 -o styled.mp4 --size 640\n"
      "Ctrl-C ends a video early and completes the file.");
  command->callback([arguments] { run_stylize(*arguments); });
}

}  // namespace pocketstyle::cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/stylize_video.h"

#include "cli/progress_bar.h"
#include "cli/stop_signals.h"

#include "pocketstyle/core/error.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <string>

namespace pocketstyle::cli {
namespace {

constexpr std::int64_t kLogEvery = 50;  // frames a line, where the output is no terminal

std::string json_of(const std::filesystem::path& result, const stylize::VideoProgress& video, double seconds) {
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

std::string text_of(const std::filesystem::path& result, const stylize::VideoProgress& video, double seconds) {
  std::string text =
      fmt::format("{}  {}x{}  {} frames, {:.2f} s  {:.0f} ms a frame in the network, {:.2f} frames/s", result.string(),
                  video.width, video.height, video.frames, video.seconds,
                  video.network_ms / static_cast<double>(video.frames), static_cast<double>(video.frames) / seconds);
  if (video.still_change)
    text += fmt::format("\nwhere the source stands still ({:.0f}% of it) the result changes by {:.2f} levels more",
                        100 * video.still_share, *video.still_change);
  return text + (video.stopped ? "\nstopped early, and finished there" : "");
}

}  // namespace

void stylize_video(stylize::StyleModel& model, const std::filesystem::path& source, const std::filesystem::path& result,
                   const stylize::VideoOptions& options, bool json) {
  const StopSignals signals;
  std::optional<ProgressBar> bar;  // once it is known how many frames there are
  const auto video = stylize::stylize_video(model, source, result, options, [&](const stylize::VideoProgress& done) {
    if (!bar) bar.emplace(0, done.expected_frames, kLogEvery);
    const std::string of = done.expected_frames > 0 ? fmt::format("/{}", done.expected_frames) : std::string();
    if (!json)
      bar->show(done.frames,
                fmt::format("frame {}{}  {}  {:.2f} frames/s", done.frames, of, duration_text(done.seconds),
                            static_cast<double>(done.frames) / bar->seconds()));
    return !signals.requested();
  });
  bar->end();
  std::cout << (json ? json_of(result, video, bar->seconds()) : text_of(result, video, bar->seconds())) << std::endl;
  if (video.stopped) throw CLI::RuntimeError(signals.exit_code());
}

}  // namespace pocketstyle::cli

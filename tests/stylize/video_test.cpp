// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/stylize/video.h"

#include "stylize/pictures.h"
#include "stylize/still_change.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/tone.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/media/video.h"

using namespace pocketstyle;
using stylize::VideoOptions;
using stylize::VideoProgress;
using testing::contains;
using testing::error_of;

namespace {

media::Image plain(int level, std::int64_t width = 40, std::int64_t height = 32) {
  media::Image image(width, height);
  std::fill(image.rgb_hwc.begin(), image.rgb_hwc.end(), static_cast<std::uint8_t>(level));
  return image;
}

/// Grey frames of level 50, 52, ..., at times 0, 1, 3, 6, 10, ... hundredths, with a tone.
std::filesystem::path make_clip(const testing::TempDir& folder, int frames) {
  testing::write_tone(folder / "tone.m4a");
  media::VideoWriter writer(folder / "clip.mp4", {.width = 40, .height = 32, .tick = {1, 100}},
                            {.crf = 5, .audio_from = folder / "tone.m4a"});
  for (std::int64_t i = 0; i < frames; ++i) writer.write({plain(50 + 2 * static_cast<int>(i)), i * (i + 1) / 2, i + 1});
  writer.finish();
  return folder / "clip.mp4";
}

std::vector<media::VideoFrame> frames_of(const std::filesystem::path& path) {
  media::VideoReader reader(path);
  std::vector<media::VideoFrame> frames;
  while (auto frame = reader.next()) {
    frame->time = std::llround(static_cast<double>(frame->time) * reader.format().tick.value() * 100);
    frames.push_back(std::move(*frame));
  }
  return frames;
}

bool go_on(const VideoProgress&) {
  return true;
}

}  // namespace

TEST_CASE("every frame goes through the network, at its time, and the audio stays") {
  const testing::TempDir folder;
  const auto clip = make_clip(folder, 9);
  testing::Negative model;
  std::vector<VideoProgress> heard;
  const auto done = stylize::stylize_video(model, clip, folder / "styled.mp4", {}, [&](const VideoProgress& progress) {
    heard.push_back(progress);
    return true;
  });
  REQUIRE(heard.size() == 9);
  CHECK(heard.back().frames == 9);
  CHECK(heard.back().expected_frames == 9);
  CHECK(done.frames == 9);
  CHECK(done.seconds == Approx(0.45));
  CHECK_FALSE(done.stopped);
  const auto frames = frames_of(folder / "styled.mp4");
  REQUIRE(frames.size() == 9);
  for (std::int64_t i = 0; i < 9; ++i) {
    const auto& frame = frames[static_cast<std::size_t>(i)];
    CHECK(frame.time == i * (i + 1) / 2);
    CHECK(std::abs(frame.picture.rgb_hwc[300] - (255 - 50 - 2 * i)) <= 3);
  }
  const auto before = testing::stored_audio(clip), after = testing::stored_audio(folder / "styled.mp4");
  REQUIRE(before.packets.size() == after.packets.size());
  for (std::size_t i = 0; i < before.packets.size(); ++i) CHECK(before.packets[i].bytes == after.packets[i].bytes);
}

TEST_CASE("a video takes the size that is asked for, and ends when it is told to") {
  const testing::TempDir folder;
  const auto clip = make_clip(folder, 9);
  testing::Negative model;
  VideoOptions options;
  options.frame.size = 80;
  const auto large = stylize::stylize_video(model, clip, folder / "large.mkv", options, go_on);
  CHECK(large.width == 80);
  CHECK(large.height == 64);
  options = {.frame = {}, .crf = 30, .seconds = 0.1};
  const auto first = stylize::stylize_video(model, clip, folder / "first.mp4", options, go_on);
  CHECK(first.frames == 4);  // at 0, 1, 3 and 6 hundredths
  CHECK(frames_of(folder / "first.mp4").size() == 4);
  CHECK(testing::stored_audio(folder / "first.mp4").packets.size() < 8);
  std::int64_t frames = 0;
  const auto stopped = stylize::stylize_video(model, clip, folder / "stopped.mp4", {},
                                              [&](const VideoProgress&) { return ++frames < 3; });
  CHECK(stopped.stopped);
  CHECK(frames_of(folder / "stopped.mp4").size() == 3);
}

TEST_CASE("a network or a file that fails midway leaves nothing") {
  const testing::TempDir folder;
  const auto clip = make_clip(folder, 6);
  class FailsLate : public testing::Negative {
    torch::Tensor run(const torch::Tensor& photo) override {
      return ++runs == 4 ? photo.view({7, 7}) : Negative::run(photo);
    }
    int runs = 0;
  } model;
  const std::string error = error_of([&] { stylize::stylize_video(model, clip, folder / "styled.mp4", {}, go_on); });
  CHECK(contains(error, "runtime: " + clip.string() + ": frame 4: a picture of 40x32 cannot be stylised"));
  testing::Negative good;
  std::string bytes = read_file(clip);
  write_file_atomically(folder / "cut.mp4", bytes.substr(0, bytes.size() / 2));
  CHECK(contains(error_of([&] { stylize::stylize_video(good, folder / "cut.mp4", folder / "styled.mp4", {}, go_on); }),
                 "data: "));
  CHECK_THROWS_AS(stylize::stylize_video(good, clip, folder / "styled.mp4", {},
                                         [](const VideoProgress&) -> bool { throw std::logic_error("a fault"); }),
                  std::logic_error);
  CHECK_FALSE(std::filesystem::exists(folder / "styled.mp4"));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    CHECK_FALSE(contains(entry.path().filename().string(), ".tmp"));
}

TEST_CASE("flicker is what changes where the source stands still") {
  stylize::StillChange still;
  CHECK_FALSE(still.change());
  still.add(plain(10, 4, 1), plain(100, 4, 1));
  media::Image source = plain(11, 4, 1), result = plain(106, 4, 1);
  source.rgb_hwc[0] = 50;     // the first pixel moves,
  result.rgb_hwc[1] = 0;      // and so what it becomes does not count
  still.add(source, result);  // still: the source by 1, the result by 6
  CHECK(still.share() == Approx(0.75));
  REQUIRE(still.change());
  CHECK(*still.change() == Approx(5));
}

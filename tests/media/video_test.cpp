// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/media/video.h"

#include "support/catch.h"
#include "support/small_run.h"
#include "support/tone.h"

#include "pocketstyle/core/files.h"

#include <algorithm>
#include <cstdlib>

using namespace pocketstyle;
using media::VideoFormat;
using media::VideoFrame;
using testing::contains;
using testing::error_of;

namespace {

const VideoFormat kSmall{.width = 64, .height = 48, .tick = {1, 25}, .frames_per_second = 25};

/// Colours that move, so that no two frames are equal.
media::Image picture(std::int64_t i, std::int64_t width = 64, std::int64_t height = 48) {
  media::Image image(width, height);
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x) {
      auto* const pixel = &image.rgb_hwc[static_cast<std::size_t>(3 * (y * width + x))];
      pixel[0] = static_cast<std::uint8_t>(40 + (2 * x + 5 * i) % 160);
      pixel[1] = static_cast<std::uint8_t>(40 + (3 * y + 9 * i) % 160);
      pixel[2] = static_cast<std::uint8_t>(100 + 10 * (i % 8));
    }
  return image;
}

std::vector<VideoFrame> steady_frames(int count, const VideoFormat& format = kSmall) {
  std::vector<VideoFrame> frames;
  for (std::int64_t i = 0; i < count; ++i) frames.push_back({picture(i, format.width, format.height), i, 1});
  return frames;
}

void write(const std::filesystem::path& path, const VideoFormat& format, const std::vector<VideoFrame>& frames,
           const media::VideoWriterOptions& options = {}) {
  media::VideoWriter writer(path, format, options);
  for (const VideoFrame& frame : frames) writer.write(frame);
  writer.finish();
}

struct Clip {
  VideoFormat format;
  std::vector<VideoFrame> frames;
  std::int64_t expected = 0;
};
Clip read(const std::filesystem::path& path) {
  media::VideoReader reader(path);
  Clip clip{.format = reader.format(), .frames = {}, .expected = reader.frames()};
  while (auto frame = reader.next()) clip.frames.push_back(std::move(*frame));
  CHECK_FALSE(reader.next());
  return clip;
}

double seconds(const Clip& clip, std::size_t i) {
  return static_cast<double>(clip.frames[i].time) * clip.format.tick.value();
}

/// Mean absolute difference in levels, over the pixels that both pictures have.
double difference(const media::Image& a, const media::Image& b) {
  const std::int64_t width = std::min(a.width, b.width), height = std::min(a.height, b.height);
  const media::Image x = media::crop(a, 0, 0, width, height), y = media::crop(b, 0, 0, width, height);
  double sum = 0;
  for (std::size_t i = 0; i < x.rgb_hwc.size(); ++i) sum += std::abs(x.rgb_hwc[i] - y.rgb_hwc[i]);
  return sum / static_cast<double>(x.rgb_hwc.size());
}

std::size_t files_in(const testing::TempDir& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder.path()), {}));
}

}  // namespace

TEST_CASE("frames come back with their times, sizes and colours") {
  const testing::TempDir folder;
  const std::string name = GENERATE(as<std::string>(), "a.mp4", "b c.mov", "d:e.mkv", "f.m4v");
  VideoFormat format = kSmall;
  format.pixel_aspect = {4, 3};
  const auto frames = steady_frames(12);
  write(folder / name, format, frames, {.crf = 8, .audio_from = {}});
  CHECK(files_in(folder) == 1);
  const Clip clip = read(folder / name);
  CHECK(clip.format.width == 64);
  CHECK(clip.format.height == 48);
  CHECK(clip.format.pixel_aspect.value() == Approx(4.0 / 3));
  CHECK(clip.format.frames_per_second == Approx(25));
  CHECK(clip.expected == 12);
  REQUIRE(clip.frames.size() == 12);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    CHECK(seconds(clip, i) == Approx(static_cast<double>(i) / 25).margin(1e-9));
    CHECK(difference(clip.frames[i].picture, frames[i].picture) < 5);
  }
}

TEST_CASE("odd sides lose a row or column, not more") {
  const testing::TempDir folder;
  VideoFormat format = kSmall;
  format.width = 63;
  format.height = 45;
  const auto frames = steady_frames(3, format);
  write(folder / "a.mp4", format, frames, {.crf = 8, .audio_from = {}});
  const Clip clip = read(folder / "a.mp4");
  CHECK(clip.format.width == 62);
  CHECK(clip.format.height == 44);
  CHECK(difference(clip.frames[2].picture, frames[2].picture) < 5);
}

TEST_CASE("frames that last differently keep their times") {
  const testing::TempDir folder;
  const std::string name = GENERATE(as<std::string>(), "a.mp4", "a.mkv");
  VideoFormat format = kSmall;
  format.tick = {1, 1000};
  const std::vector<std::int64_t> times{0, 40, 103, 350, 361, 2000};
  std::vector<VideoFrame> frames;
  for (std::size_t i = 0; i < times.size(); ++i)
    frames.push_back(
        {picture(static_cast<std::int64_t>(i)), times[i], i + 1 < times.size() ? times[i + 1] - times[i] : 700});
  write(folder / name, format, frames);
  const Clip clip = read(folder / name);
  REQUIRE(clip.frames.size() == times.size());
  for (std::size_t i = 0; i < times.size(); ++i)
    CHECK(seconds(clip, i) == Approx(static_cast<double>(times[i]) / 1000).margin(1e-9));
  if (name == "a.mp4")
    CHECK(static_cast<double>(clip.frames.back().duration) * clip.format.tick.value() == Approx(0.7));
}

TEST_CASE("audio tracks are taken over packet by packet") {
  const testing::TempDir folder;
  testing::write_tone(folder / "tone.m4a");
  write(folder / "clip.mp4", kSmall, steady_frames(25), {.audio_from = folder / "tone.m4a"});
  const std::string name = GENERATE(as<std::string>(), "again.mp4", "again.mkv", "again.mov");
  write(folder / name, kSmall, steady_frames(25), {.audio_from = folder / "clip.mp4"});
  const auto tone = testing::stored_audio(folder / "tone.m4a"), again = testing::stored_audio(folder / name);
  REQUIRE(tone.packets.size() > 40);
  REQUIRE(again.packets.size() == tone.packets.size());
  for (std::size_t i = 0; i < tone.packets.size(); ++i) {
    CHECK(again.packets[i].bytes == tone.packets[i].bytes);
    CHECK(again.packets[i].seconds - again.packets[0].seconds ==
          Approx(tone.packets[i].seconds - tone.packets[0].seconds).margin(1.1e-3));  // .mkv counts milliseconds
  }
  CHECK(again.packets[1].seconds == Approx(tone.packets[1].seconds).margin(2.5e-2));
  CHECK(again.language == "fra");
  CHECK(again.title == "a tone");
  CHECK(read(folder / name).frames.size() == 25);
}

TEST_CASE("a video that is ended early has its audio up to there") {
  const testing::TempDir folder;
  testing::write_tone(folder / "tone.m4a");
  media::VideoWriter writer(folder / "a.mp4", kSmall, {.audio_from = folder / "tone.m4a"});
  for (const VideoFrame& frame : steady_frames(10)) writer.write(frame);
  writer.finish(/*whole_audio=*/false);
  const auto audio = testing::stored_audio(folder / "a.mp4");
  REQUIRE_FALSE(audio.packets.empty());
  CHECK(audio.packets.back().seconds < 0.4);
  CHECK(audio.packets.back().seconds > 0.3);
}

TEST_CASE("a rotation that the file asks for is done") {
  const testing::TempDir folder;
  VideoFormat format = kSmall;
  format.pixel_aspect = {2, 1};
  write(folder / "a.mp4", format, steady_frames(2), {.crf = 8, .audio_from = {}});
  std::string bytes = read_file(folder / "a.mp4");
  const std::size_t matrix = bytes.find("tkhd") + 44;
  const auto put = [&](std::size_t entry, int value) {
    for (int i = 0; i < 4; ++i)
      bytes[matrix + 4 * entry + static_cast<std::size_t>(i)] =
          static_cast<char>(static_cast<std::uint32_t>(value) >> (24 - 8 * i));
  };
  constexpr int kOne = 1 << 16;
  put(0, 0), put(1, kOne), put(3, -kOne), put(4, 0);  // a quarter turn, clockwise
  write_file_atomically(folder / "turned.mp4", bytes);
  const Clip clip = read(folder / "a.mp4"), turned = read(folder / "turned.mp4");
  CHECK(turned.format.width == 48);
  CHECK(turned.format.height == 64);
  CHECK(turned.format.pixel_aspect.value() == Approx(0.5));
  const media::Image &before = clip.frames[0].picture, &after = turned.frames[0].picture;
  REQUIRE(after.width == 48);
  // The bottom left corner moves to the top left.
  for (int c = 0; c < 3; ++c) CHECK(after.rgb_hwc[static_cast<std::size_t>(c)] == before.rgb_hwc[3 * 64 * 47 + c]);
}

TEST_CASE("colours stay the same by any matrix") {
  const testing::TempDir folder;
  VideoFormat format = kSmall;
  const int matrix = GENERATE(1, 6, 2);  // BT.709, BT.601, unspecified
  format.height = GENERATE(48, 720);
  format.colors = {.primaries = matrix, .transfer = matrix, .matrix = matrix};
  media::Image red(format.width, format.height);
  for (std::size_t i = 0; i < red.rgb_hwc.size(); i += 3) red.rgb_hwc[i] = 200, red.rgb_hwc[i + 1] = 30;
  write(folder / "a.mp4", format, {{red, 0, 1}}, {.crf = 5, .audio_from = {}});
  const Clip clip = read(folder / "a.mp4");
  CHECK(clip.format.colors.matrix == matrix);
  CHECK(difference(clip.frames[0].picture, red) < 2);
}

TEST_CASE("what is no video is refused in one line") {
  const testing::TempDir folder;
  const auto error = [&](const std::string& name) {
    const std::string text = error_of([&] { media::VideoReader reader(folder / name); });
    CHECK_FALSE(media::is_video(folder / name));
    CHECK_FALSE(contains(text, "\n"));
    return text;
  };
  CHECK(contains(error("none.mp4"), "data: "));
  CHECK(contains(error("none.mp4"), "no such file"));
  write_file_atomically(folder / "text.mp4", "a text that is no video");
  CHECK(contains(error("text.mp4"), "cannot be opened as a video"));
  write_file_atomically(folder / "empty.mp4", "");
  CHECK(contains(error("empty.mp4"), "cannot be opened as a video"));
  testing::write_tone(folder / "tone.m4a", 5);
  CHECK(contains(error("tone.m4a"), "found no moving pictures"));
  media::save_image(folder / "a.png", picture(0));
  CHECK(contains(error("a.png"), "found no moving pictures"));
  CHECK(contains(error(""), "is a folder"));
}

TEST_CASE("a damaged video is told with frame and time, a cut one at once") {
  const testing::TempDir folder;
  write(folder / "a.mp4", kSmall, steady_frames(50));
  std::string bytes = read_file(folder / "a.mp4");
  const std::size_t data = bytes.find("mdat") + 4, middle = data + (bytes.find("moov") - data) / 2;
  for (std::size_t i = 0; i < 300; ++i) bytes[middle + i] = static_cast<char>(i * 37);
  write_file_atomically(folder / "damaged.mp4", bytes);
  const std::string error = error_of([&] { read(folder / "damaged.mp4"); });
  INFO(error);
  CHECK(contains(error, "data: "));
  CHECK(contains(error, "is damaged at frame "));
  CHECK(contains(error, " s: "));

  write(folder / "a.mkv", kSmall, steady_frames(50));
  bytes = read_file(folder / "a.mkv");
  write_file_atomically(folder / "cut.mp4", read_file(folder / "a.mp4").substr(0, 2000));
  CHECK(contains(error_of([&] { read(folder / "cut.mp4"); }), "data: "));
}

TEST_CASE("what the writer cannot do leaves nothing, and what was there stays") {
  const testing::TempDir folder;
  CHECK(contains(error_of([&] { media::VideoWriter(folder / "a.avi", kSmall); }),
                 "usage: " + (folder / "a.avi").string() + ": cannot write '.avi', expected .mp4, .m4v, .mov, .mkv"));
  write_file_atomically(folder / "a.mp4", "the old one");
  {
    media::VideoWriter writer(folder / "a.mp4", kSmall);
    writer.write({picture(0), 0, 1});
    const std::string error = error_of([&] { writer.write({picture(0, 10, 10), 1, 1}); });
    CHECK(contains(error, "a frame of 10x10, expected 64x48 like the others"));
  }
  CHECK(read_file(folder / "a.mp4") == "the old one");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("audio that a file cannot hold becomes AAC, as long as it was") {
  const testing::TempDir folder;
  std::string wave = "RIFF____WAVEfmt \x10";
  wave.append(std::string("\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data", 23));
  wave.append(std::string("\0\x20\0\0", 4)).append(std::string(8192, '\1'));
  write_file_atomically(folder / "a.wav", wave);  // 8 kHz, half a second of 16 bits
  write(folder / "b.mkv", kSmall, steady_frames(3), {.audio_from = folder / "a.wav"});
  CHECK(testing::stored_audio(folder / "b.mkv").codec == "pcm_s16le");
  write(folder / "b.m4v", kSmall, steady_frames(3), {.audio_from = folder / "a.wav"});
  const auto audio = testing::stored_audio(folder / "b.m4v");
  CHECK(audio.codec == "aac");
  REQUIRE(audio.packets.size() >= 4);  // of 1024 samples
  CHECK(audio.packets.back().seconds == Approx(0.512).margin(0.2));
  write(folder / "c.m4v", kSmall, steady_frames(3));
  CHECK(testing::stored_audio(folder / "c.m4v").packets.empty());
}

// Expected: the standards' curves (BT.2100 PQ and HLG for a display of 1000 nits, system gamma 1.2), 203 nits as 1, the
// Moebius curve of FFmpeg's documentation, and BT.1886's inverse; computed without FFmpeg.
TEST_CASE("HDR is brought to BT.709") {
  struct Case {
    int transfer, code, shown;
  };
  const Case one = GENERATE(Case{16, 60, 51}, Case{16, 100, 115}, Case{16, 148, 217}, Case{16, 180, 249},
                            Case{18, 60, 67}, Case{18, 128, 144}, Case{18, 191, 217}, Case{18, 230, 245});
  const testing::TempDir folder;
  VideoFormat format = kSmall;
  format.colors = {.primaries = 9, .transfer = one.transfer, .matrix = 9};
  media::Image grey(format.width, format.height);
  std::fill(grey.rgb_hwc.begin(), grey.rgb_hwc.end(), static_cast<std::uint8_t>(one.code));
  write(folder / "a.mp4", format, {{grey, 0, 1}, {grey, 1, 1}}, {.crf = 5, .audio_from = {}});
  const Clip clip = read(folder / "a.mp4");
  CHECK(clip.format.colors.primaries == 1);
  CHECK(clip.format.colors.transfer == 1);
  CHECK(clip.format.colors.matrix == 1);
  for (const std::size_t c : {0, 1, 2}) CHECK(std::abs(clip.frames[1].picture.rgb_hwc[c] - one.shown) <= 3);
}

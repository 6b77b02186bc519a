// SPDX-License-Identifier: Apache-2.0
#include "workflows/comparison_parts.h"

#include "pocketstyle/bench/process.h"
#include "pocketstyle/bench/stylize.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/export/export.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/media/photo_files.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/stylize/stylize.h"

#include <algorithm>
#include <map>

namespace pocketstyle::workflows {
namespace fs = std::filesystem;
namespace {

constexpr int kWarmUps = 2, kRepeats = 15, kProcessRepeats = 3;
constexpr std::int64_t kShownSide = 640;  // long side of the pictures in the page, in pixels
constexpr int kShownQuality = 82;

bool is_for_a_runtime(const fs::path& file) {
  const std::string extension = lower_extension(file);
  return !fs::is_directory(file) && (extension == ".pt" || extension == ".ptl" || extension == ".onnx");
}

double median(std::vector<double> values) {
  return bench::summarize(std::move(values)).median_ms;
}

/// A picture with some content, in the size for timing.
void save_timed_photo(const fs::path& path, std::int64_t height, std::int64_t width) {
  media::Image photo(width, height);
  for (std::size_t i = 0; i < photo.rgb_hwc.size(); ++i) photo.rgb_hwc[i] = static_cast<std::uint8_t>(i * i / 7);
  media::save_image(path, photo);
}

void measure_processes(const std::vector<fs::path>& exported, const fs::path& folder, report::Comparison& comparison) {
  report::Conditions& how = comparison.conditions;
  const fs::path photo = folder / "photo.png";
  save_timed_photo(photo, how.height, how.width);
  std::vector<std::vector<results::ProcessCost>> times(exported.size());
  for (int repeat = 0; repeat < kProcessRepeats; ++repeat)
    for (std::size_t i = 0; i < exported.size(); ++i)
      times[i].push_back(
          bench::time_process({"stylize", exported[i].string(), photo.string(), "-o", (folder / "styled.png").string(),
                               "--force", "--threads", std::to_string(how.threads)},
                              folder / "output.txt"));
  how.process_repeats = kProcessRepeats;
  for (std::size_t i = 0; i < times.size(); ++i) {
    std::vector<double> ms, cpu_ms;
    results::ProcessCost cost;
    for (const results::ProcessCost& time : times[i]) {
      ms.push_back(time.ms);
      cpu_ms.push_back(time.cpu_ms);
      cost.peak_bytes = std::max(cost.peak_bytes, time.peak_bytes);
    }
    cost.ms = median(ms);
    cost.cpu_ms = median(cpu_ms);
    comparison.networks[i].process = cost;
  }
}

report::Picture shown(const media::Image& image, const fs::path& folder) {
  const fs::path path = folder / "shown.jpg";
  media::save_image(path, image, kShownQuality);
  return {report::data_uri("image/jpeg", read_file(path)), image.width, image.height};
}

}  // namespace

std::vector<fs::path> export_subjects(const std::vector<evaluate::Subject>& subjects, const fs::path& folder,
                                      std::vector<report::Network>& networks) {
  std::vector<fs::path> files;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const fs::path& file = subjects[i].files.front();
    if (is_for_a_runtime(file)) {
      files.push_back(file);
    } else {
      log()->info("[report] exporting {}", subjects[i].name);
      exporting::ExportOptions options;
      options.formats = {exporting::ExportFormat::pt};
      options.lowering = exporting::Lowering::cpu;
      files.push_back(
          exporting::export_all(nn::load_net(file), folder, fmt::format("network{}", i), options).front().file);
    }
    networks[i].exported = {lower_extension(files.back()).substr(1),
                            static_cast<std::int64_t>(fs::file_size(files.back()))};
  }
  return files;
}

void measure_times(const std::vector<fs::path>& exported, const fs::path& folder, report::Comparison& comparison) {
  report::Conditions& how = comparison.conditions;
  log()->info("[report] measuring times");
  bench::StylizeBench bench;
  bench.files = exported;
  bench.sizes_hw = {{how.height, how.width}};
  bench.threads = {how.threads};
  bench.warm_ups = how.warm_ups = kWarmUps;
  bench.repeats = how.repeats = kRepeats;
  const auto times = bench::time_stylize(bench);
  for (std::size_t i = 0; i < exported.size(); ++i) {
    // A file's first runtime is the one that stylize uses.
    const auto time = std::find_if(times.begin(), times.end(), [&](const auto& t) { return t.file == exported[i]; });
    report::Network& network = comparison.networks[i];
    network.runtime = time->runtime;
    network.load_ms = time->load_ms;
    network.latency = time->latency;
  }
  measure_processes(exported, folder, comparison);
}

void add_pictures(const std::vector<evaluate::Subject>& subjects, const fs::path& photos, std::int64_t count,
                  const fs::path& folder, report::Comparison& comparison) {
  log()->info("[report] stylising photos");
  std::vector<media::Image> images;
  for (const fs::path& path : media::find_photos(photos).photos) {
    if (std::ssize(images) == count) break;
    try {
      images.push_back(media::resize_long_side(media::load_image(path), kShownSide));
    } catch (const Error&) {
      continue;  // the evaluation reports it
    }
    comparison.photos.push_back({path.stem().string(), shown(images.back(), folder)});
  }
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const auto model = stylize::load_style_model(subjects[i].files.front());
    for (const media::Image& image : images)
      comparison.networks[i].pictures.push_back(shown(stylize::stylize(*model, image, {}), folder));
  }
}

}  // namespace pocketstyle::workflows

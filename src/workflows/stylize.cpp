// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/stylize.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/media/photo_files.h"
#include "pocketstyle/media/video.h"
#include "pocketstyle/nn/shipped_models.h"
#include "pocketstyle/stylize/stylize.h"
#include "pocketstyle/workflows/threads.h"

#include <algorithm>
#include <map>
#include <span>
#include <string_view>
#include <utility>

namespace pocketstyle::workflows {
namespace fs = std::filesystem;
namespace {

bool has_extension(const fs::path& path, std::span<const std::string_view> extensions) {
  return std::find(extensions.begin(), extensions.end(), lower_extension(path)) != extensions.end();
}
bool is_writable_picture(const fs::path& path) {
  return has_extension(path, media::writable_extensions());
}

/// The only input, if it is a video; nothing if all are photos. If a video is to be written, the input must be one too;
/// otherwise its reader reports why not.
std::optional<fs::path> find_video(const StylizeOptions& options) {
  const bool writes_video = has_extension(options.output, media::writable_video_extensions());
  for (const fs::path input : options.inputs) {
    const bool is_picture = has_extension(input, media::readable_extensions());
    if (fs::is_directory(input) || ((is_picture || !writes_video) && !media::is_video(input))) continue;
    if (options.inputs.size() > 1) throw UsageError("{}: is a video, expected it as the only input", input.string());
    return input;
  }
  if (options.wants_video || options.seconds || !options.audio)
    throw UsageError("--json, --seconds, --no-audio: expected a video, found photos");
  return {};
}

/// One photo and a file name as output: that file. Otherwise: a folder, keeping the photos' names.
/// `found` gets what was skipped.
std::vector<stylize::PhotoJob> plan(const StylizeOptions& options, media::PhotoFiles& found) {
  std::vector<std::pair<fs::path, fs::path>> photos;  // each with its name below the output folder
  for (const fs::path input : options.inputs) {
    if (!fs::is_directory(input)) {
      if (!fs::exists(input)) throw DataError("{}: no such photo or folder", input.string());
      photos.emplace_back(input, input.filename());
      continue;
    }
    const media::PhotoFiles files = media::find_photos(input, options.output);
    for (const fs::path& photo : files.photos) photos.emplace_back(photo, photo.lexically_relative(input));
    for (const auto& [kind, count] : files.skipped) found.skipped[kind] += count;
  }
  if (photos.empty())
    throw DataError("{}: expected photos, found none{}", options.inputs.front(),
                    found.skipped.empty() ? "" : "; skipped " + found.skipped_text());

  const fs::path& output = options.output;
  const bool names_picture = is_writable_picture(output) && !fs::is_directory(output);
  const bool one_photo = photos.size() == 1 && !fs::is_directory(options.inputs.front());
  const bool one_file = one_photo && output.has_extension() && !fs::is_directory(output);
  if (!one_file && (names_picture || fs::is_regular_file(output)))
    throw UsageError("{}: is a file, expected a folder for the results", output.string());
  if (one_file) media::check_writable(output);
  std::vector<stylize::PhotoJob> jobs;
  std::map<fs::path, fs::path> taken;
  for (const auto& [photo, name] : photos) {
    stylize::PhotoJob job{photo, one_file ? output : output / name};
    if (!one_file && !options.format.empty()) job.result.replace_extension(options.format);
    if (!one_file && !is_writable_picture(job.result)) job.result.replace_extension("png");
    std::error_code ignored;
    if (fs::equivalent(job.photo, job.result, ignored))
      throw UsageError("{}: is the photo itself, expected another file for the result", job.result.string());
    const auto [other, is_new] = taken.emplace(job.result, photo);
    if (!is_new)
      throw UsageError("{} and {} would both be written to {}", other->second.string(), photo.string(),
                       job.result.string());
    check_can_write(job.result, options.force);
    jobs.push_back(job);
  }
  return jobs;
}

/// Removes the model from the inputs.
fs::path take_model(StylizeOptions& options) {
  if (!options.model.empty()) return nn::find_model(options.model);
  if (options.inputs.size() < 2)
    throw UsageError("expected a model and photos, or --model with photos; see stylize --help");
  const fs::path model = options.inputs.front();
  options.inputs.erase(options.inputs.begin());
  return model;
}

void check_video(const StylizeOptions& options, const fs::path& video) {
  media::check_writable_video(options.output);
  check_can_write(options.output, options.force);
  std::error_code ignored;
  if (fs::equivalent(video, options.output, ignored))
    throw UsageError("{}: is the video itself, expected another file for the result", options.output.string());
}

}  // namespace

struct Stylizing::Parts {
  explicit Parts(const StylizeOptions& asked) : options(asked) {
    const fs::path file = take_model(options);
    video = find_video(options);
    if (video)
      check_video(options, *video);
    else
      jobs = plan(options, found);
    set_threads(options.threads);
    model = stylize::load_style_model(file);
  }

  StylizeOptions options;
  std::optional<fs::path> video;
  std::vector<stylize::PhotoJob> jobs;
  media::PhotoFiles found;
  std::unique_ptr<stylize::StyleModel> model;
};

Stylizing::Stylizing(const StylizeOptions& options) : parts_(std::make_unique<Parts>(options)) {}

Stylizing::~Stylizing() = default;

bool Stylizing::is_video() const {
  return parts_->video.has_value();
}

std::string Stylizing::skipped_text() const {
  return parts_->found.skipped_text();
}

void Stylizing::photos(const std::function<void(const stylize::PhotoOutcome&)>& report) {
  const auto& jobs = parts_->jobs;
  std::size_t failed = 0;
  stylize::stylize_photos(*parts_->model, jobs, parts_->options.frame, parts_->options.quality,
                          [&](const stylize::PhotoOutcome& photo) {
                            if (photo.error && jobs.size() == 1) throw *photo.error;
                            if (photo.error) ++failed;  // continue with the others
                            report(photo);
                          });
  if (failed > 0) throw DataError("{} of {} photos failed", failed, jobs.size());
}

stylize::VideoProgress Stylizing::video(const std::function<bool(const stylize::VideoProgress&)>& report) {
  const StylizeOptions& options = parts_->options;
  return stylize::stylize_video(
      *parts_->model, parts_->video.value(), options.output,
      {.frame = options.frame, .crf = options.crf, .seconds = options.seconds, .audio = options.audio}, report);
}

}  // namespace pocketstyle::workflows

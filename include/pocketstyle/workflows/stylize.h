// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/stylize/options.h"
#include "pocketstyle/stylize/pipeline.h"
#include "pocketstyle/stylize/video.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pocketstyle::workflows {

struct StylizeOptions {
  std::string model;                ///< as in nn::find_model; empty: the first input is the model's file
  std::vector<std::string> inputs;  ///< photos and folders of photos, or one video or camera
  std::filesystem::path output;     ///< a picture for one photo, a video for a video, else a folder
  std::string format;  ///< format of pictures in a folder, "png", "jpg" or "webp"; empty: that of the photo
  stylize::StylizeOptions frame{};
  int quality = 92;                       ///< JPEG and WebP quality
  int crf = stylize::VideoOptions{}.crf;  ///< for a video
  std::optional<double> seconds{};        ///< for a video: stop after this many
  bool audio = true;                      ///< of a video: keep it
  bool wants_video = false;               ///< other options make sense for a video only
  int threads = 0;                        ///< 0: one per core
  bool force = false;                     ///< overwrite existing results
};

/// Applies a model to photos or to one video.
class Stylizing {
 public:
  /// Determines inputs and outputs, and loads the model. Throws UsageError (impossible request, a result exists),
  /// DataError (an input or the model is missing or of the wrong kind).
  explicit Stylizing(const StylizeOptions& options);
  ~Stylizing();
  Stylizing(const Stylizing&) = delete;
  Stylizing& operator=(const Stylizing&) = delete;

  [[nodiscard]] bool is_video() const;
  /// What was skipped in the folders of photos, as in media::PhotoFiles; empty: nothing.
  [[nodiscard]] std::string skipped_text() const;
  /// Requires: no video. `report` is called for each photo, as in stylize_photos. Throws the error of a single photo,
  /// and DataError at the end if some of several failed.
  void photos(const std::function<void(const stylize::PhotoOutcome&)>& report);
  /// Requires: a video. See stylize_video.
  stylize::VideoProgress video(const std::function<bool(const stylize::VideoProgress&)>& report);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pocketstyle::workflows

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
  std::string shipped;              ///< the name of a shipped model; empty: the first input is the model's file
  std::vector<std::string> inputs;  ///< photos and folders of photos, or one video or camera
  std::filesystem::path output;     ///< a picture for one photo, a video for a video, else a folder
  std::string format;               ///< of pictures in a folder, "png", "jpg" or "webp"; empty: as the photo
  stylize::StylizeOptions frame{};
  int quality = 92;                       ///< of JPEG and WebP
  int crf = stylize::VideoOptions{}.crf;  ///< of a video
  std::optional<double> seconds{};        ///< of a video: only so many
  bool wants_video = false;               ///< what else is asked for makes sense for a video only
  int threads = 0;                        ///< 0: one a core
  bool force = false;                     ///< replace results that are there
};

/// Photos, or one video, through a model.
class Stylizing {
 public:
  /// Decides what is read and what is written, and loads the model. Throws UsageError (what is asked for cannot be, a
  /// result is there), DataError (an input or the model is missing or of another kind).
  explicit Stylizing(const StylizeOptions& options);
  ~Stylizing();
  Stylizing(const Stylizing&) = delete;
  Stylizing& operator=(const Stylizing&) = delete;

  [[nodiscard]] bool is_video() const;
  /// Requires: no video. `report` hears of each photo, as with stylize_photos. Throws a single photo's error, and
  /// DataError at the end if some of several failed.
  void photos(const std::function<void(const stylize::PhotoOutcome&)>& report);
  /// Requires: a video. As stylize_video.
  stylize::VideoProgress video(const std::function<bool(const stylize::VideoProgress&)>& report);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pocketstyle::workflows

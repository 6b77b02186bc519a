// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/folders.h"
#include "serve/store.h"

#include "pocketstyle/serve/programs.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace pocketstyle::serve {

inline constexpr int kThumbnailSide = 480;  // pixels

/// A trained network, and what it is to be called.
struct Publication {
  std::string id, name, style, preset, job_id;
  std::filesystem::path weights;        ///< a run folder or weights file
  std::filesystem::path style_picture;  ///< empty: none
  std::optional<double> held_out_total;
  std::filesystem::path log;
};

/// Makes networks into models that can be downloaded. A model's folder gets its name when all in it is written and
/// synced, then the model its row; whatever happens in between, it is there wholly or not at all.
class Publisher {
 public:
  /// Points where a test may end it, in their order.
  enum class Point { exported, staged, renamed };
  Publisher(Store& store, Folders folders, RunProgram run, std::filesystem::path thumbnail_photo)
      : store_(store), folders_(std::move(folders)), run_(std::move(run)), photo_(std::move(thumbnail_photo)) {}

  /// False if it was stopped, or its job is not publishing any more; nothing is left then. Throws pocketstyle::Error.
  bool publish(const Publication& publication, const std::stop_token& stop);
  /// Removes what publishing left when it was cut off: staging folders, and folders of models without a row.
  void sweep() const;

  std::function<void(Point)> at_point = [](Point) {};

 private:
  [[nodiscard]] bool run(const std::vector<std::string>& arguments, const Publication& publication,
                         const std::stop_token& stop) const;
  /// Those that passed; the log and export.json say which did not.
  [[nodiscard]] bool export_files(const Publication& publication, const std::stop_token& stop) const;
  static void check(int code, const std::string& command, const Publication& publication);
  [[nodiscard]] bool stage(const Publication& publication, const std::stop_token& stop) const;
  [[nodiscard]] Model describe(const Publication& publication) const;
  Store& store_;
  Folders folders_;
  RunProgram run_;
  std::filesystem::path photo_;
};

}  // namespace pocketstyle::serve

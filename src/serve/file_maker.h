// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/folders.h"
#include "serve/maker.h"
#include "serve/store.h"

#include "pocketstyle/serve/programs.h"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace pocketstyle::serve {

inline constexpr int kThumbnailSide = 480;  // pixels

/// The files that a model of this network has in the end, all waiting but its weights, which are there.
std::vector<ModelFile> files_to_make(const std::string& preset, std::int64_t parameters);

/// Makes the files and thumbnails of published models: at once what somebody asks for, everything else in its turn. In
/// its turn a model's files are compared with the network; one that is too inaccurate fails, the others stay.
class FileMaker {
 public:
  FileMaker(Store& store, Folders folders, Maker& maker, RunProgram run, std::filesystem::path thumbnail_photo)
      : store_(store),
        folders_(std::move(folders)),
        maker_(maker),
        run_(std::move(run)),
        photo_(std::move(thumbnail_photo)) {}
  ~FileMaker();
  FileMaker(const FileMaker&) = delete;
  FileMaker& operator=(const FileMaker&) = delete;

  /// Starts with what is not there yet.
  void start();
  void stop();
  /// Call after a model was published.
  void wake();
  /// Makes a file that is waiting. False if too many are asked for.
  bool ask_for(const std::string& model, const std::string& name);
  /// Whether a file that was asked for is still being made.
  [[nodiscard]] bool is_asked_for(const std::string& model, const std::string& name) const;
  /// The model's thumbnail, now.
  void make_thumbnail(
      const Model& model, const std::function<void()>& then = [] {});

 private:
  void work();
  void make_thumbnails();
  /// Makes and compares all files of a model that are not compared yet.
  void complete(const Model& model);
  void try_to_complete(const Model& model);  ///< an error is logged
  void take_results(const Model& model, const std::filesystem::path& made);
  Store& store_;
  Folders folders_;
  Maker& maker_;
  RunProgram run_;
  std::filesystem::path photo_;
  mutable std::mutex mutex_;  ///< also for files: from the check of a row to its change
  std::condition_variable changed_;
  std::stop_source stop_;
  bool news_ = false;
  std::set<std::pair<std::string, std::string>> asked_;  ///< model and file
  std::set<std::string> tried_;                          ///< models whose files were completed, or cannot be
  std::jthread thread_;
};

}  // namespace pocketstyle::serve

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/folders.h"
#include "serve/maker.h"
#include "serve/store.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace pocketstyle::serve {

/// A trained network, and its name when published.
struct Publication {
  std::string id, name, style, preset, job_id{};
  std::filesystem::path weights{};        ///< safetensors
  std::filesystem::path style_picture{};  ///< empty: none
  std::optional<double> held_out_total{};
  std::filesystem::path small_style_picture{};  ///< as small_picture() makes it; empty: not made yet
};

/// Makes networks downloadable as models: weights and style picture at once, and rows for the files that are made later
/// (file_maker.h). A model's folder gets its final name when everything in it is written and synced, then the model
/// gets its row; so a model is always there or absent.
class Publisher {
 public:
  /// Points at which a test may interrupt it, in order.
  enum class Point { staged, renamed };
  Publisher(Store& store, Folders folders, Maker& maker) : store_(store), folders_(std::move(folders)), maker_(maker) {}

  /// False if its job is no longer publishing; then nothing is left. Throws pocketstyle::Error.
  bool publish(const Publication& publication);
  /// A copy for the gallery. Throws RuntimeFailure.
  void small_picture(const std::filesystem::path& picture, const std::filesystem::path& output) const;
  /// Removes what interrupted publishing left behind: staging folders, and folders of models without a row.
  void sweep() const;

  std::function<void(Point)> at_point = [](Point) {};

 private:
  [[nodiscard]] Model stage(const Publication& publication) const;
  Store& store_;
  Folders folders_;
  Maker& maker_;
};

}  // namespace pocketstyle::serve

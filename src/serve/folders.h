// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/run/folder.h"

#include <filesystem>
#include <string>

namespace pocketstyle::serve {

/// Where what lies in the data folder: what a job has been given and makes, and what is published.
struct Folders {
  std::filesystem::path data;

  [[nodiscard]] std::filesystem::path database() const { return data / "pocketstyle.db"; }
  [[nodiscard]] std::filesystem::path token() const { return data / "token"; }
  [[nodiscard]] std::filesystem::path jobs() const { return data / "jobs"; }
  [[nodiscard]] std::filesystem::path job(const std::string& id) const { return jobs() / id; }
  [[nodiscard]] std::filesystem::path style(const std::string& job) const { return this->job(job) / "style.jpg"; }
  [[nodiscard]] std::filesystem::path config(const std::string& job) const { return this->job(job) / "config.yaml"; }
  [[nodiscard]] std::filesystem::path run(const std::string& job) const { return this->job(job) / "run"; }
  [[nodiscard]] std::filesystem::path log(const std::string& job) const { return this->job(job) / "train.log"; }
  [[nodiscard]] std::filesystem::path metrics(const std::string& job) const { return run(job) / run::kMetricsName; }
  /// Of a validation photo at that step.
  [[nodiscard]] std::filesystem::path preview(const std::string& job, std::int64_t step) const {
    return run::preview_path(run(job), step, 0);
  }
  [[nodiscard]] std::filesystem::path models() const { return data / "models"; }
  [[nodiscard]] std::filesystem::path model(const std::string& id) const { return models() / id; }
  [[nodiscard]] std::filesystem::path model_file(const std::string& id, const std::string& name) const {
    return model(id) / "files" / name;
  }
  [[nodiscard]] std::filesystem::path thumbnail(const std::string& model) const {
    return this->model(model) / "thumbnail.jpg";
  }
  [[nodiscard]] std::filesystem::path model_style(const std::string& model) const {
    return this->model(model) / "style.jpg";
  }
  /// A model that is being put together.
  [[nodiscard]] std::filesystem::path staging(const std::string& model) const {
    return models() / (".staging-" + model);
  }

  /// Makes those that are not there.
  void make() const;
};

/// Makes the names in the folder survive a loss of power, or with all that is in it. Throws DataError.
void sync_names(const std::filesystem::path& folder);
void sync_all(const std::filesystem::path& folder);

/// The last line of what a program printed into `log`, or that it printed nothing.
std::string last_words(const std::filesystem::path& log);

/// Removes the folder and all in it; what cannot be removed is left, and said in the log.
void remove_folder(const std::filesystem::path& folder);

}  // namespace pocketstyle::serve

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/run/folder.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace pocketstyle::serve {

/// Paths in the data folder: a job's input and results, and published models.
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
  /// The preview of a validation photo at that step.
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
  /// A model that is being assembled.
  [[nodiscard]] std::filesystem::path staging(const std::string& model) const {
    return models() / (".staging-" + model);
  }

  /// What the program that makes files is asked for, and its answers.
  [[nodiscard]] std::filesystem::path making() const { return data / "making"; }
  [[nodiscard]] std::filesystem::path making_log() const { return data / "making.log"; }

  /// Creates missing folders.
  void make() const;
};

/// Makes the names in the folder, or the folder with all its content, survive a power failure. Throws DataError.
void sync_names(const std::filesystem::path& folder);
void sync_all(const std::filesystem::path& folder);

/// Why a command ended with exit code `code`, with the last line of its output in `log` unless a signal ended it.
std::string command_failure(std::string_view command, int code, const std::filesystem::path& log);

/// Whether it can only be the name of a file or folder in the folder of a run.
bool is_run_name(const std::string& name);
/// Whether it can only be the path of a file that a run writes, in its folder or one below it.
bool is_run_file(const std::filesystem::path& path);

/// Removes the folder and its content; logs what cannot be removed.
void remove_folder(const std::filesystem::path& folder);

}  // namespace pocketstyle::serve

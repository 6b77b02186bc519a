// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/database.h"

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pocketstyle::serve {

enum class JobState { queued, training, publishing, done, failed, cancelled };
std::string_view to_string(JobState state);
/// Done, failed or cancelled: nothing more happens by itself.
bool has_ended(JobState state);

/// A training that somebody asked for. Times are ISO 8601 UTC; empty texts stand for what is not there.
struct Job {
  std::string id, name, preset, budget;
  std::int64_t steps = 0;
  double strength = 0;
  JobState state = JobState::queued;
  std::string created_at, started_at, ended_at, error, model_id;
  std::int64_t queue_position = 0;  ///< 1 is next; 0 unless queued
  std::string progress = "{}";      ///< JSON of a Progress, as it was when the job last left training
};

struct ModelFile {
  std::string name, kind, io, precision;
  std::int64_t bytes = 0;
  std::string sha256;
};

/// A published network and its files.
struct Model {
  std::string id, name, style, preset;
  std::int64_t parameters = 0, macs_256 = 0;
  std::string created_at, job_id;  ///< job_id: empty for a shipped one
  std::optional<double> held_out_total;
  std::string thumbnail_sha256, style_sha256;  ///< empty: there is no such picture
  std::vector<ModelFile> files;
};

/// What must not be forgotten: jobs and models. Every call is one transaction; for any thread. Throws DataError.
class Store {
 public:
  /// Throws DataError too if the file was written by a newer version.
  explicit Store(const std::filesystem::path& file);

  /// Puts a job at the end of the queue. With a `key` that was given before: that job instead, and false.
  std::pair<Job, bool> add_job(const Job& job, const std::string& key);
  [[nodiscard]] std::optional<Job> job(const std::string& id) const;
  [[nodiscard]] std::optional<Job> job_of_key(const std::string& key) const;
  [[nodiscard]] std::vector<Job> jobs() const;  ///< newest first

  /// The queued job whose turn it is, not one of `busy`, as training from now on.
  std::optional<Job> claim(const std::vector<std::string>& busy);
  // These change the state if the job is in one that the change makes sense in, and say whether they did.
  bool begin_publishing(const std::string& id);
  bool fail(const std::string& id, const std::string& error);
  bool cancel(const std::string& id);
  bool resume(const std::string& id);   ///< a cancelled or failed one, at the end of the queue
  bool requeue(const std::string& id);  ///< one that was interrupted, at its old place
  bool remove_job(const std::string& id);
  /// All that were interrupted, when the server starts.
  void requeue_all();
  void save_progress(const std::string& id, const std::string& json);

  /// Adds the model, and its job, if it has one, is done. False if that job is not publishing any more.
  bool publish(const Model& model);
  [[nodiscard]] std::optional<Model> model(const std::string& id) const;
  [[nodiscard]] std::vector<Model> models() const;  ///< in the order that they were published
  bool remove_model(const std::string& id);
  /// Whether a shipped model was ever published here: one that was removed stays away.
  [[nodiscard]] bool was_shipped(const std::string& id) const;

 private:
  [[nodiscard]] std::vector<Job> select_jobs(const std::string& where, const std::vector<Value>& values) const;
  [[nodiscard]] std::vector<Model> select_models(const std::string& where, const std::vector<Value>& values) const;
  bool change(const std::string& sql, const std::vector<Value>& values);
  mutable std::mutex mutex_;
  mutable Database database_;
};

}  // namespace pocketstyle::serve

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
/// Done, failed or cancelled: its state no longer changes by itself.
bool has_ended(JobState state);

/// A requested training. Times are ISO 8601 UTC; empty strings mean absent.
struct Job {
  std::string id, name, preset, budget;
  std::int64_t steps = 0;  ///< 0 if minutes were asked for
  double minutes = 0;      ///< 0 if steps were asked for
  double strength = 0;
  std::string request_sha256;  ///< of the request that asked for it, if that had a key; empty: not known
  JobState state = JobState::queued;
  std::string created_at, started_at, ended_at, error, model_id;
  std::int64_t place = 0;           ///< in the list of all
  bool is_lent = false;             ///< trained by another machine
  std::int64_t queue_position = 0;  ///< 1 is next; 0 unless queued
  std::string progress = "{}";      ///< JSON of a Progress, as of when the job last left training
};

/// waiting: it is made when somebody asks for it, or in its turn. failed: it cannot be made, or is too inaccurate.
enum class FileState { ready, waiting, failed };
std::string_view to_string(FileState state);

struct ModelFile {
  std::string name, kind, io, precision;
  std::int64_t bytes = 0;  ///< approximate unless it is ready
  std::string sha256{};    ///< empty unless it is ready
  FileState state = FileState::ready;
  bool verified = true;  ///< compared with the network
  std::string error{};
};

/// A published network and its files.
struct Model {
  std::string id, name, style, preset;
  std::int64_t parameters = 0, macs_256 = 0;
  std::string created_at, job_id;  ///< job_id: empty for a shipped one
  std::optional<double> held_out_total;
  std::string thumbnail_sha256, style_sha256;  ///< empty: no such picture
  std::vector<ModelFile> files;
  std::int64_t place = 0;  ///< in the list of all
};

/// An Idempotency-Key, and the hash of the request that came with it. No key: empty.
struct JobKey {
  std::string key, request_sha256{};
};

/// A part of a list: `limit` rows after the one at `cursor` (0: from the start).
struct Page {
  std::int64_t limit, cursor;
};
inline constexpr Page kEverything{-1, 0};

/// How many pictures and files of models are there, and how many there will be.
struct Preparing {
  std::int64_t done = 0, total = 0;
};

/// Persistent data: jobs and models. Every call is one transaction. Thread-safe. Throws DataError.
class Store {
 public:
  /// Also throws DataError if the file was written by a newer version.
  explicit Store(const std::filesystem::path& file);

  /// Appends a job to the queue. If `key` was used before: returns that job instead, and false.
  std::pair<Job, bool> add_job(const Job& job, const JobKey& key);
  [[nodiscard]] std::optional<Job> job(const std::string& id) const;
  [[nodiscard]] std::optional<Job> job_of_key(const std::string& key) const;
  [[nodiscard]] std::vector<Job> jobs() const { return jobs(kEverything).first; }
  /// Newest first, and the cursor of the next page; 0: there is none.
  [[nodiscard]] std::pair<std::vector<Job>, std::int64_t> jobs(Page page) const;

  /// Takes the next queued job that is not one of `busy`, and sets its state to training. With a lease, another machine
  /// trains it.
  std::optional<Job> claim(const std::vector<std::string>& busy, const std::string& lease = {});
  /// The job that is lent under this lease; empty if it is lent no longer.
  [[nodiscard]] std::optional<Job> lent(const std::string& lease) const;
  /// From now on this server works on it.
  bool end_lease(const std::string& lease);
  /// Those under which jobs are lent.
  [[nodiscard]] std::vector<std::string> leases() const;
  // These change the state if the job's current state allows it, and return whether they did.
  bool begin_publishing(const std::string& id);
  bool fail(const std::string& id, const std::string& error);
  bool cancel(const std::string& id);
  bool resume(const std::string& id);   ///< a cancelled or failed job, to the end of the queue
  bool requeue(const std::string& id);  ///< an interrupted job, to its old place
  bool remove_job(const std::string& id);
  /// When the server starts: requeues all interrupted jobs but lent ones, which go on.
  void requeue_all();
  void save_progress(const std::string& id, const std::string& json);

  /// Adds the model, and sets its job, if any, to done. False if that job is no longer publishing.
  bool publish(const Model& model);
  [[nodiscard]] std::optional<Model> model(const std::string& id) const;
  [[nodiscard]] std::vector<Model> models() const { return models(kEverything).first; }
  /// In order of publication, and the cursor of the next page; 0: there is none.
  [[nodiscard]] std::pair<std::vector<Model>, std::int64_t> models(Page page) const;
  [[nodiscard]] std::optional<ModelFile> file(const std::string& model, const std::string& name) const;
  /// Replaces what is known of a file. False if the model is gone.
  bool set_file(const std::string& model, const ModelFile& file);
  bool set_thumbnail(const std::string& model, const std::string& sha256);
  [[nodiscard]] Preparing preparing() const;
  bool remove_model(const std::string& id);
  /// Whether a shipped model was ever published here: a removed one is not published again.
  [[nodiscard]] bool was_shipped(const std::string& id) const;

 private:
  [[nodiscard]] std::vector<ModelFile> select_files(const std::string& where, const std::vector<Value>& values) const;
  [[nodiscard]] std::vector<Job> select_jobs(const std::string& where, const std::vector<Value>& values) const;
  [[nodiscard]] std::vector<Model> select_models(const std::string& where, const std::vector<Value>& values) const;
  bool change(const std::string& sql, const std::vector<Value>& values);
  mutable std::mutex mutex_;
  mutable Database database_;
};

}  // namespace pocketstyle::serve

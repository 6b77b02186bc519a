// SPDX-License-Identifier: Apache-2.0
#include "serve/store.h"

#include "serve/ids.h"

#include "pocketstyle/core/error.h"

#include <algorithm>
#include <array>

namespace pocketstyle::serve {
namespace {

constexpr std::int64_t kSchema = 2;
/// From schema 1, whose jobs had a weight of the style loss, 2 unless the person chose another.
constexpr const char* kFromWeightToStrength =
    "ALTER TABLE jobs RENAME COLUMN style_weight TO strength; UPDATE jobs SET strength = strength / 2;";
constexpr const char* kTables = R"(
  CREATE TABLE jobs (
    place INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order that they came in
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL, preset TEXT NOT NULL, budget TEXT NOT NULL, steps INTEGER NOT NULL, strength REAL NOT NULL,
    state TEXT NOT NULL,
    turn INTEGER NOT NULL,                    -- the order that they are trained in
    created_at TEXT NOT NULL, started_at TEXT, ended_at TEXT, error TEXT,
    idempotency_key TEXT UNIQUE,
    progress TEXT NOT NULL);
  CREATE INDEX jobs_by_state ON jobs (state, turn);
  CREATE TABLE models (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL, style TEXT NOT NULL, preset TEXT NOT NULL, parameters INTEGER NOT NULL, macs_256 INTEGER NOT NULL,
    created_at TEXT NOT NULL, job_id TEXT UNIQUE, held_out_total REAL,
    thumbnail_sha256 TEXT NOT NULL, style_sha256 TEXT NOT NULL);
  CREATE TABLE model_files (
    model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
    name TEXT NOT NULL, kind TEXT NOT NULL, io TEXT NOT NULL, precision TEXT NOT NULL, bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (model_id, name));
  CREATE TABLE shipped (id TEXT PRIMARY KEY);  -- shipped models that were published here, removed ones too
)";

constexpr std::array kStates = {JobState::queued, JobState::training, JobState::publishing,
                                JobState::done,   JobState::failed,   JobState::cancelled};

JobState state_from_string(const std::string& name) {
  for (const JobState state : kStates)
    if (name == to_string(state)) return state;
  throw DataError("the database has a job in state '{}', which this version does not know", name);
}

Value text_value(const std::string& text) {
  return text.empty() ? Value(nullptr) : Value(text);
}
Value number_value(const std::optional<double>& number) {
  return number ? Value(*number) : Value(nullptr);
}

constexpr const char* kIsInterrupted = "state IN ('training', 'publishing')";
constexpr const char* kHasEnded = "state IN ('done', 'failed', 'cancelled')";
constexpr const char* kCanResume = "state IN ('failed', 'cancelled')";
constexpr const char* kNextTurn = "(SELECT COALESCE(MAX(turn), 0) + 1 FROM jobs)";

}  // namespace

std::string_view to_string(JobState state) {
  constexpr std::array<std::string_view, kStates.size()> kNames = {"queued", "training", "publishing",
                                                                   "done",   "failed",   "cancelled"};
  return kNames[static_cast<std::size_t>(state)];
}

bool has_ended(JobState state) {
  return state == JobState::done || state == JobState::failed || state == JobState::cancelled;
}

Store::Store(const std::filesystem::path& file) : database_(file) {
  Transaction transaction(database_);
  std::int64_t schema = 0;
  {
    Query query(database_, "PRAGMA user_version");
    if (query.next()) schema = query.integer(0);
  }
  if (schema > kSchema)
    throw DataError("{}: was written by a newer version (schema {}, this one knows {})", file.string(), schema,
                    kSchema);
  const char* const changes = schema == 0 ? kTables : schema == 1 ? kFromWeightToStrength : "";
  if (schema < kSchema) database_.run_script(fmt::format("{} PRAGMA user_version = {};", changes, kSchema));
  transaction.commit();
}

std::vector<Job> Store::select_jobs(const std::string& where, const std::vector<Value>& values) const {
  std::vector<Job> jobs;
  Query query(database_,
              "SELECT j.id, j.name, j.preset, j.budget, j.steps, j.strength, j.state, j.created_at, j.started_at, "
              "j.ended_at, j.error, m.id, j.progress, "
              "(SELECT COUNT(*) FROM jobs o WHERE o.state = 'queued' AND o.turn <= j.turn) "
              "FROM jobs j LEFT JOIN models m ON m.job_id = j.id " +
                  where,
              values);
  while (query.next()) {
    Job job;
    job.id = query.text(0);
    job.name = query.text(1);
    job.preset = query.text(2);
    job.budget = query.text(3);
    job.steps = query.integer(4);
    job.strength = query.real(5);
    job.state = state_from_string(query.text(6));
    job.created_at = query.text(7);
    job.started_at = query.text(8);
    job.ended_at = query.text(9);
    job.error = query.text(10);
    job.model_id = query.text(11);
    job.progress = query.text(12);
    job.queue_position = job.state == JobState::queued ? query.integer(13) : 0;
    jobs.push_back(std::move(job));
  }
  return jobs;
}

std::pair<Job, bool> Store::add_job(const Job& job, const std::string& key) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  if (!key.empty()) {
    auto earlier = select_jobs("WHERE j.idempotency_key = ?", {key});
    if (!earlier.empty()) return {earlier.front(), false};
  }
  database_.run(fmt::format("INSERT INTO jobs (id, name, preset, budget, steps, strength, state, turn, created_at, "
                            "idempotency_key, progress) VALUES (?, ?, ?, ?, ?, ?, 'queued', {}, ?, ?, ?)",
                            kNextTurn),
                {job.id, job.name, job.preset, job.budget, job.steps, job.strength, job.created_at, text_value(key),
                 job.progress});
  auto added = select_jobs("WHERE j.id = ?", {job.id});
  transaction.commit();
  return {added.front(), true};
}

std::optional<Job> Store::job(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  auto found = select_jobs("WHERE j.id = ?", {id});
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::optional<Job> Store::job_of_key(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  auto found = select_jobs("WHERE j.idempotency_key = ?", {key});
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<Job> Store::jobs() const {
  const std::lock_guard lock(mutex_);
  return select_jobs("ORDER BY j.place DESC", {});
}

std::optional<Job> Store::claim(const std::vector<std::string>& busy) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  for (Job& job : select_jobs("WHERE j.state = 'queued' ORDER BY j.turn", {})) {
    if (std::find(busy.begin(), busy.end(), job.id) != busy.end()) continue;
    if (job.started_at.empty()) job.started_at = now_utc();
    database_.run("UPDATE jobs SET state = 'training', started_at = ? WHERE id = ?", {job.started_at, job.id});
    transaction.commit();
    job.state = JobState::training;
    job.queue_position = 0;
    return job;
  }
  return std::nullopt;
}

bool Store::change(const std::string& sql, const std::vector<Value>& values) {
  const std::lock_guard lock(mutex_);
  return database_.run(sql, values) == 1;
}

bool Store::begin_publishing(const std::string& id) {
  return change("UPDATE jobs SET state = 'publishing' WHERE id = ? AND state = 'training'", {id});
}

bool Store::fail(const std::string& id, const std::string& error) {
  return change(
      fmt::format("UPDATE jobs SET state = 'failed', error = ?, ended_at = ? WHERE id = ? AND {}", kIsInterrupted),
      {error, now_utc(), id});
}

bool Store::cancel(const std::string& id) {
  return change(fmt::format("UPDATE jobs SET state = 'cancelled', ended_at = ? WHERE id = ? AND NOT {}", kHasEnded),
                {now_utc(), id});
}

bool Store::resume(const std::string& id) {
  return change(fmt::format("UPDATE jobs SET state = 'queued', turn = {}, error = NULL, ended_at = NULL WHERE id = ? "
                            "AND {}",
                            kNextTurn, kCanResume),
                {id});
}

bool Store::requeue(const std::string& id) {
  return change(fmt::format("UPDATE jobs SET state = 'queued' WHERE id = ? AND {}", kIsInterrupted), {id});
}

void Store::requeue_all() {
  const std::lock_guard lock(mutex_);
  database_.run(fmt::format("UPDATE jobs SET state = 'queued' WHERE {}", kIsInterrupted));
}

bool Store::remove_job(const std::string& id) {
  return change(fmt::format("DELETE FROM jobs WHERE id = ? AND {}", kHasEnded), {id});
}

void Store::save_progress(const std::string& id, const std::string& json) {
  change("UPDATE jobs SET progress = ? WHERE id = ?", {json, id});
}

bool Store::publish(const Model& model) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  if (model.job_id.empty()) {
    database_.run("INSERT OR IGNORE INTO shipped (id) VALUES (?)", {model.id});
  } else if (database_.run("UPDATE jobs SET state = 'done', ended_at = ? WHERE id = ? AND state = 'publishing'",
                           {now_utc(), model.job_id}) != 1) {
    return false;
  }
  database_.run(
      "INSERT INTO models (id, name, style, preset, parameters, macs_256, created_at, job_id, "
      "held_out_total, thumbnail_sha256, style_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {model.id, model.name, model.style, model.preset, model.parameters, model.macs_256, model.created_at,
       text_value(model.job_id), number_value(model.held_out_total), model.thumbnail_sha256, model.style_sha256});
  for (const ModelFile& file : model.files)
    database_.run(
        "INSERT INTO model_files (model_id, name, kind, io, precision, bytes, sha256) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        {model.id, file.name, file.kind, file.io, file.precision, file.bytes, file.sha256});
  transaction.commit();
  return true;
}

std::vector<Model> Store::select_models(const std::string& where, const std::vector<Value>& values) const {
  std::vector<Model> models;
  Query query(database_,
              "SELECT id, name, style, preset, parameters, macs_256, created_at, job_id, held_out_total, "
              "thumbnail_sha256, style_sha256 FROM models " +
                  where,
              values);
  while (query.next()) {
    Model model{query.text(0), query.text(1), query.text(2),         query.text(3), query.integer(4), query.integer(5),
                query.text(6), query.text(7), query.real_or_null(8), query.text(9), query.text(10),   {}};
    Query files(database_,
                "SELECT name, kind, io, precision, bytes, sha256 FROM model_files WHERE model_id = ? ORDER BY name",
                {model.id});
    while (files.next())
      model.files.push_back(
          {files.text(0), files.text(1), files.text(2), files.text(3), files.integer(4), files.text(5)});
    models.push_back(std::move(model));
  }
  return models;
}

std::optional<Model> Store::model(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  auto found = select_models("WHERE id = ?", {id});
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<Model> Store::models() const {
  const std::lock_guard lock(mutex_);
  return select_models("ORDER BY place", {});
}

bool Store::remove_model(const std::string& id) {
  return change("DELETE FROM models WHERE id = ?", {id});
}

bool Store::was_shipped(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  Query query(database_, "SELECT 1 FROM shipped WHERE id = ?", {id});
  return query.next();
}

}  // namespace pocketstyle::serve

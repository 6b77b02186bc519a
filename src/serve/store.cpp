// SPDX-License-Identifier: Apache-2.0
#include "serve/store.h"

#include "serve/ids.h"

#include "pocketstyle/core/error.h"

#include <algorithm>
#include <array>

namespace pocketstyle::serve {
namespace {

constexpr std::int64_t kSchema = 5;
/// Schema 1 had the weight of the style loss, with a default of 2, instead of the strength.
constexpr const char* kFromWeightToStrength =
    "ALTER TABLE jobs RENAME COLUMN style_weight TO strength; UPDATE jobs SET strength = strength / 2;";
/// Schema 2 had no minutes: every job had a number of steps.
constexpr const char* kWithMinutes = "ALTER TABLE jobs ADD COLUMN minutes REAL NOT NULL DEFAULT 0;";
/// Schema 3 published a model when all its files were made and compared.
constexpr const char* kWithFileStates =
    "ALTER TABLE jobs ADD COLUMN request_sha256 TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE model_files ADD COLUMN state TEXT NOT NULL DEFAULT 'ready';"
    "ALTER TABLE model_files ADD COLUMN verified INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE model_files ADD COLUMN error TEXT;";
/// Schema 4 had jobs for this machine only.
constexpr const char* kWithLeases = "ALTER TABLE jobs ADD COLUMN lease TEXT NOT NULL DEFAULT '';";
constexpr const char* kTables = R"(
  CREATE TABLE jobs (
    place INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order that they came in
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL, preset TEXT NOT NULL, budget TEXT NOT NULL, steps INTEGER NOT NULL,
    minutes REAL NOT NULL DEFAULT 0, strength REAL NOT NULL,
    state TEXT NOT NULL,
    turn INTEGER NOT NULL,                    -- the order that they are trained in
    created_at TEXT NOT NULL, started_at TEXT, ended_at TEXT, error TEXT,
    idempotency_key TEXT UNIQUE, request_sha256 TEXT NOT NULL DEFAULT '',
    lease TEXT NOT NULL DEFAULT '',           -- '': trained here
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
    sha256 TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'ready', verified INTEGER NOT NULL DEFAULT 1, error TEXT,
    PRIMARY KEY (model_id, name));
  CREATE TABLE shipped (id TEXT PRIMARY KEY);  -- shipped models that were published here, removed ones too
)";

constexpr std::array kStates = {JobState::queued, JobState::training, JobState::publishing,
                                JobState::done,   JobState::failed,   JobState::cancelled};

constexpr std::array kFileStates = {FileState::ready, FileState::waiting, FileState::failed};

FileState file_state_from_string(const std::string& name) {
  for (const FileState state : kFileStates)
    if (name == to_string(state)) return state;
  throw DataError("the database has a file in state '{}', which this version does not know", name);
}

/// Takes one row more than the page has, and so knows whether there is another page.
template <class Row>
std::int64_t cut(std::vector<Row>& rows, const std::vector<std::int64_t>& places, Page page) {
  if (page.limit < 0 || rows.size() <= static_cast<std::size_t>(page.limit)) return 0;
  rows.resize(static_cast<std::size_t>(page.limit));
  return places.at(rows.size() - 1);
}

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
constexpr const char* kIsLent = "state = 'training' AND lease <> ''";
constexpr const char* kHasEnded = "state IN ('done', 'failed', 'cancelled')";
constexpr const char* kCanResume = "state IN ('failed', 'cancelled')";
constexpr const char* kNextTurn = "(SELECT COALESCE(MAX(turn), 0) + 1 FROM jobs)";

}  // namespace

std::string_view to_string(JobState state) {
  constexpr std::array<std::string_view, kStates.size()> kNames = {"queued", "training", "publishing",
                                                                   "done",   "failed",   "cancelled"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view to_string(FileState state) {
  constexpr std::array<std::string_view, kFileStates.size()> kNames = {"ready", "waiting", "failed"};
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
    throw DataError("{}: was written by a newer version (schema {}, this one supports up to {})", file.string(), schema,
                    kSchema);
  constexpr std::array kSteps = {kFromWeightToStrength, kWithMinutes, kWithFileStates, kWithLeases};  // from 1, 2, 3, 4
  if (schema == 0) database_.run_script(kTables);
  for (std::int64_t from = std::max<std::int64_t>(1, schema); schema > 0 && from < kSchema; ++from)
    database_.run_script(kSteps.at(static_cast<std::size_t>(from - 1)));
  database_.run_script(fmt::format("PRAGMA user_version = {};", kSchema));
  transaction.commit();
}

std::vector<Job> Store::select_jobs(const std::string& where, const std::vector<Value>& values) const {
  std::vector<Job> jobs;
  Query query(database_,
              "SELECT j.id, j.name, j.preset, j.budget, j.steps, j.strength, j.state, j.created_at, j.started_at, "
              "j.ended_at, j.error, m.id, j.progress, "
              "(SELECT COUNT(*) FROM jobs o WHERE o.state = 'queued' AND o.turn <= j.turn), j.minutes, "
              "j.request_sha256, j.place, j.lease <> '' "
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
    job.minutes = query.real(14);
    job.request_sha256 = query.text(15);
    job.place = query.integer(16);
    job.is_lent = query.integer(17) != 0;
    jobs.push_back(std::move(job));
  }
  return jobs;
}

std::pair<Job, bool> Store::add_job(const Job& job, const JobKey& key) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  if (!key.key.empty()) {
    auto earlier = select_jobs("WHERE j.idempotency_key = ?", {key.key});
    if (!earlier.empty()) return {earlier.front(), false};
  }
  database_.run(fmt::format("INSERT INTO jobs (id, name, preset, budget, steps, minutes, strength, state, turn, "
                            "created_at, idempotency_key, request_sha256, progress) "
                            "VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', {}, ?, ?, ?, ?)",
                            kNextTurn),
                {job.id, job.name, job.preset, job.budget, job.steps, job.minutes, job.strength, job.created_at,
                 text_value(key.key), key.request_sha256, job.progress});
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

std::pair<std::vector<Job>, std::int64_t> Store::jobs(Page page) const {
  const std::lock_guard lock(mutex_);
  auto rows = select_jobs("WHERE ?1 = 0 OR j.place < ?1 ORDER BY j.place DESC LIMIT ?2",
                          {page.cursor, page.limit < 0 ? -1 : page.limit + 1});
  std::vector<std::int64_t> places;
  for (const Job& job : rows) places.push_back(job.place);
  const std::int64_t next = cut(rows, places, page);
  return {std::move(rows), next};
}

std::optional<Job> Store::claim(const std::vector<std::string>& busy, const std::string& lease) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  for (Job& job : select_jobs("WHERE j.state = 'queued' ORDER BY j.turn", {})) {
    if (std::find(busy.begin(), busy.end(), job.id) != busy.end()) continue;
    if (job.started_at.empty()) job.started_at = now_utc();
    database_.run("UPDATE jobs SET state = 'training', started_at = ?, lease = ? WHERE id = ?",
                  {job.started_at, lease, job.id});
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

std::optional<Job> Store::lent(const std::string& lease) const {
  const std::lock_guard lock(mutex_);
  auto found = select_jobs(fmt::format("WHERE j.lease = ? AND {}", kIsLent), {lease});
  return found.empty() ? std::nullopt : std::optional(found.front());
}

bool Store::end_lease(const std::string& lease) {
  return change(fmt::format("UPDATE jobs SET lease = '' WHERE lease = ? AND {}", kIsLent), {lease});
}

std::vector<std::string> Store::leases() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> leases;
  Query query(database_, fmt::format("SELECT lease FROM jobs WHERE {}", kIsLent));
  while (query.next()) leases.push_back(query.text(0));
  return leases;
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
  database_.run(fmt::format("UPDATE jobs SET state = 'queued' WHERE {} AND NOT ({})", kIsInterrupted, kIsLent));
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
        "INSERT INTO model_files (model_id, name, kind, io, precision, bytes, sha256, state, verified, error) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {model.id, file.name, file.kind, file.io, file.precision, file.bytes, file.sha256,
         std::string(to_string(file.state)), std::int64_t{file.verified}, text_value(file.error)});
  transaction.commit();
  return true;
}

std::vector<ModelFile> Store::select_files(const std::string& where, const std::vector<Value>& values) const {
  std::vector<ModelFile> files;
  Query query(database_,
              "SELECT name, kind, io, precision, bytes, sha256, state, verified, error FROM model_files " + where,
              values);
  while (query.next())
    files.push_back({query.text(0), query.text(1), query.text(2), query.text(3), query.integer(4), query.text(5),
                     file_state_from_string(query.text(6)), query.integer(7) != 0, query.text(8)});
  return files;
}

std::optional<ModelFile> Store::file(const std::string& model, const std::string& name) const {
  const std::lock_guard lock(mutex_);
  auto found = select_files("WHERE model_id = ? AND name = ?", {model, name});
  return found.empty() ? std::nullopt : std::optional(found.front());
}

bool Store::set_file(const std::string& model, const ModelFile& file) {
  return change(
      "UPDATE model_files SET bytes = ?, sha256 = ?, state = ?, verified = ?, error = ? WHERE model_id = ? AND name = "
      "?",
      {file.bytes, file.sha256, std::string(to_string(file.state)), std::int64_t{file.verified}, text_value(file.error),
       model, file.name});
}

bool Store::set_thumbnail(const std::string& model, const std::string& sha256) {
  return change("UPDATE models SET thumbnail_sha256 = ? WHERE id = ?", {sha256, model});
}

Preparing Store::preparing() const {
  const std::lock_guard lock(mutex_);
  Query query(database_,
              "SELECT (SELECT COUNT(*) FROM model_files WHERE state <> 'waiting') + "
              "(SELECT COUNT(*) FROM models WHERE thumbnail_sha256 <> ''), "
              "(SELECT COUNT(*) FROM model_files) + (SELECT COUNT(*) FROM models)");
  query.next();
  return {query.integer(0), query.integer(1)};
}

std::vector<Model> Store::select_models(const std::string& where, const std::vector<Value>& values) const {
  std::vector<Model> models;
  Query query(database_,
              "SELECT id, name, style, preset, parameters, macs_256, created_at, job_id, held_out_total, "
              "thumbnail_sha256, style_sha256, place FROM models " +
                  where,
              values);
  while (query.next()) {
    Model model{query.text(0), query.text(1), query.text(2),         query.text(3), query.integer(4), query.integer(5),
                query.text(6), query.text(7), query.real_or_null(8), query.text(9), query.text(10),   {}};
    model.place = query.integer(11);
    model.files = select_files("WHERE model_id = ? ORDER BY name", {model.id});
    models.push_back(std::move(model));
  }
  return models;
}

std::optional<Model> Store::model(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  auto found = select_models("WHERE id = ?", {id});
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::pair<std::vector<Model>, std::int64_t> Store::models(Page page) const {
  const std::lock_guard lock(mutex_);
  auto rows =
      select_models("WHERE place > ? ORDER BY place LIMIT ?", {page.cursor, page.limit < 0 ? -1 : page.limit + 1});
  std::vector<std::int64_t> places;
  for (const Model& model : rows) places.push_back(model.place);
  const std::int64_t next = cut(rows, places, page);
  return {std::move(rows), next};
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

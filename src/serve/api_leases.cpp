// SPDX-License-Identifier: Apache-2.0
// Jobs lent to other machines (worker.h): the run's folder is what both sides exchange.
#include "serve/api.h"
#include "serve/api_json.h"
#include "serve/ids.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"

#include <algorithm>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostFileBytes = std::size_t{256} << 20U, kMostReasonBytes = 4096;
constexpr std::size_t kKeptCheckpoints = 2;

[[noreturn]] void lost() {
  throw HttpError(errors::lease_lost, "the job is not lent under this lease, or no longer");
}

/// Fit for the log and the job's row, whatever was sent.
std::string one_line(std::string text) {
  text = first_line(text);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
  return text;
}

/// {"leases", LEASE, "files", "run", ...} as a path in the job's folder; empty if it is none.
fs::path run_file(const std::vector<std::string>& path) {
  if (path.size() < 5 || path.size() > 6 || path[2] != "files" || path[3] != "run") return {};
  if (!std::all_of(path.begin() + 4, path.end(), is_run_name)) return {};
  fs::path file = "run";
  for (std::size_t i = 4; i < path.size(); ++i) file /= path[i];
  return file;
}

/// What another machine needs to go on: all files but older checkpoints and pictures.
std::vector<std::string> files_to_go_on(const fs::path& run) {
  std::vector<std::string> names;
  if (!fs::is_directory(run)) return names;
  const auto older = run::old_checkpoints(run, 1);
  for (const auto& entry : fs::recursive_directory_iterator(run)) {
    const fs::path name = entry.path().lexically_relative(run);
    const bool is_older = std::find(older.begin(), older.end(), entry.path()) != older.end();
    if (entry.is_regular_file() && !is_older && name.begin()->string() != run::kPreviewsFolder && is_run_file(name))
      names.push_back(name.string());
  }
  return names;
}

void remove_old_checkpoints(const fs::path& run) {
  for (const fs::path& old : run::old_checkpoints(run, kKeptCheckpoints)) fs::remove(old);
}

}  // namespace

HttpReply Api::lend(const HttpRequest& request) {
  const auto worker = request.query.find("worker");
  const std::string lease = new_id() + new_id();
  const auto job = parts_.queue.lend(lease);
  if (!job) return {204, {}, {}};
  log()->info("[serve] job {}: lent to {}", job->id,
              worker == request.query.end() ? "another machine" : one_line(worker->second));
  const Json lent{{"lease", lease},
                  {"job", job_json(*job, parts_.board.progress(*job))},
                  {"config", read_file(parts_.folders.config(job->id))},
                  {"files", files_to_go_on(parts_.folders.run(job->id))}};
  return {200, "application/json", text_of(lent), {{"Cache-Control", "no-store"}}};
}

HttpReply Api::read_lent(const Path& path) {
  const auto job = path.size() < 2 ? std::nullopt : parts_.store.lent(path[1]);
  if (!job) lost();
  const fs::path name = path.size() == 4 && path[2] == "files" && path[3] == "style.jpg" ? "style.jpg" : run_file(path);
  std::int64_t size = 0;
  const auto descriptor = name.empty() ? nullptr : open_file(parts_.folders.job(job->id) / name, size);
  if (!descriptor) throw HttpError(errors::not_found, "not found");
  HttpReply reply{200, "application/octet-stream", {}, {{"Cache-Control", "no-store"}}};
  reply.file = FileBody{descriptor, 0, size};
  return reply;
}

HttpReply Api::write_lent(const HttpRequest& request, const Path& path) {
  const std::string lease = path.at(1);
  const auto job = parts_.store.lent(lease);
  if (!job) lost();
  if (path.size() == 3 && path[2] == "renew") {
    if (!parts_.queue.renew(lease)) lost();
    return {204, {}, {}};
  }
  if (path.size() == 3 && path[2] == "end") {
    const auto asked = request.query.find("result");
    const std::string result = asked == request.query.end() ? std::string() : asked->second;
    if (result != "done" && result != "failed" && result != "stopped")
      throw HttpError(errors::invalid_field, "result: expected done, failed or stopped");
    const std::string reason = one_line(request.body(kMostReasonBytes));
    const bool ended = result == "done"     ? parts_.queue.finish_lent(lease)
                       : result == "failed" ? parts_.queue.fail_lent(lease, reason)
                                            : parts_.queue.take_back(lease);
    if (!ended) lost();
    return {204, {}, {}};
  }
  const fs::path name = run_file(path);
  if (name.empty()) throw HttpError(errors::not_found, "not found");
  const std::string bytes = request.body(kMostFileBytes);
  if (!parts_.queue.take_file(lease, name, bytes)) lost();
  remove_old_checkpoints(parts_.folders.run(job->id));
  return {204, {}, {}};
}

}  // namespace pocketstyle::serve

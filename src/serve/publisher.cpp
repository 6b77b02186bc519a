// SPDX-License-Identifier: Apache-2.0
#include "serve/publisher.h"

#include "serve/ids.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/formats/formats.h"
#include "pocketstyle/network/layer_table.h"
#include "pocketstyle/run/metadata.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kManifestEnd = ".json";
constexpr const char* kExportResults = "export.json";

/// The formats and precisions that are exported to publish a network, as the command takes them.
std::pair<std::string, std::string> published() {
  const auto all = formats::all_formats();
  std::vector<std::string> names, precisions;
  for (const formats::FormatSpec& spec : all)
    if (!spec.published.empty()) names.emplace_back(spec.name);
  for (const formats::Precision precision : formats::kPrecisions)
    if (std::any_of(all.begin(), all.end(), [&](const auto& spec) { return spec.published.contains(precision); }))
      precisions.push_back(formats::to_string(precision));
  return {fmt::format("{}", fmt::join(names, ",")), fmt::format("{}", fmt::join(precisions, ","))};
}

bool is_published(const formats::FormatSpec* spec, const std::string& precision) {
  return spec != nullptr && spec->published.contains(formats::precision_from_string(precision));
}

/// What export says of the files that it did not write, a line each.
std::vector<std::string> failures_in(const fs::path& results) {
  std::vector<std::string> failures;
  try {
    for (const auto& file : nlohmann::json::parse(read_file(results)).at("files"))
      if (!file.at("written").get<bool>())
        failures.push_back(
            fmt::format("{}: {}", file.at("file").get<std::string>(), file.at("failure").get<std::string>()));
  } catch (const nlohmann::json::exception& error) {
    throw RuntimeFailure("{}: is not what it should be: {}", results.string(), error.what());
  }
  return failures;
}

std::string hash_of(const fs::path& file) {
  return fs::exists(file) ? file_sha256(file) : std::string();
}

}  // namespace

bool Publisher::run(const std::vector<std::string>& arguments, const Publication& publication,
                    const std::stop_token& stop) const {
  const int code = run_(arguments, publication.log, stop);
  if (stop.stop_requested()) return false;
  check(code, arguments.front(), publication);
  return true;
}

bool Publisher::export_files(const Publication& publication, const std::stop_token& stop) const {
  const fs::path staging = folders_.staging(publication.id), results = staging / kExportResults;
  const auto [names, precisions] = published();
  const int code =
      run_({"export", publication.weights.string(), "-o", (staging / "files").string(), "--name", publication.preset,
            "--format", names, "--precision", precisions, "--results", results.string()},
           publication.log, stop);
  if (stop.stop_requested()) return false;
  const bool some_failed = code == static_cast<int>(ErrorKind::verification);
  if (some_failed && fs::exists(results) && fs::exists(staging / "files")) {
    for (const std::string& failure : failures_in(results))
      log()->warn("[serve] model {}: without {}", publication.id, failure);
    return true;
  }
  check(code, "export", publication);
  return true;
}

void Publisher::check(int code, const std::string& command, const Publication& publication) {
  if (code != 0) throw RuntimeFailure("{} failed with exit code {}: {}", command, code, last_words(publication.log));
}

bool Publisher::stage(const Publication& publication, const std::stop_token& stop) const {
  const fs::path staging = folders_.staging(publication.id);
  remove_folder(staging);
  fs::create_directories(staging);
  const std::string side = std::to_string(kThumbnailSide), weights = publication.weights.string();
  if (!export_files(publication, stop)) return false;
  at_point(Point::exported);
  if (!run({"stylize", weights, photo_.string(), "-o", (staging / "thumbnail.jpg").string(), "--size", side},
           publication, stop))
    return false;
  if (!publication.style_picture.empty() && !run({kPictureCommand, publication.style_picture.string(), "-o",
                                                  (staging / "style.jpg").string(), "--size", side},
                                                 publication, stop))
    return false;
  sync_all(staging);
  at_point(Point::staged);
  return true;
}

Model Publisher::describe(const Publication& publication) const {
  const fs::path staging = folders_.staging(publication.id);
  Model model;
  model.id = publication.id;
  model.name = publication.name;
  model.style = publication.style;
  model.preset = publication.preset;
  model.job_id = publication.job_id;
  model.held_out_total = publication.held_out_total;
  model.created_at = now_utc();
  model.thumbnail_sha256 = hash_of(staging / "thumbnail.jpg");
  model.style_sha256 = hash_of(staging / "style.jpg");
  try {
    for (const auto& entry : fs::directory_iterator(staging / "files")) {
      if (!entry.path().string().ends_with(kManifestEnd)) continue;
      const auto manifest = nlohmann::json::parse(read_file(entry.path()));
      const auto architecture = manifest.at(run::kArchitectureKey).dump();
      const auto totals = network::totals(run::architecture_from_json(architecture, entry.path().string()));
      model.parameters = totals.parameters;
      model.macs_256 = totals.macs;
      const auto* format = formats::find_format(manifest.at("kind").get<std::string>());
      const auto precision = manifest.at("weights").get<std::string>();
      if (!is_published(format, precision)) continue;
      model.files.push_back({manifest.at("file").get<std::string>(), std::string(format->kind()),
                             formats::to_string(format->io), precision, manifest.at("bytes").get<std::int64_t>(),
                             manifest.at("sha256").get<std::string>()});
    }
  } catch (const nlohmann::json::exception& error) {
    throw RuntimeFailure("{}: a manifest is not what it should be: {}", staging.string(), error.what());
  }
  if (model.files.empty()) throw RuntimeFailure("{}: the export wrote nothing", staging.string());
  return model;
}

bool Publisher::publish(const Publication& publication, const std::stop_token& stop) {
  const fs::path staging = folders_.staging(publication.id), final = folders_.model(publication.id);
  try {
    bool published = stage(publication, stop);
    if (published) {
      const Model model = describe(publication);
      remove_folder(final);  // of an earlier time, cut off before the row
      fs::rename(staging, final);
      sync_names(folders_.models());
      at_point(Point::renamed);
      published = store_.publish(model);
      if (!published) remove_folder(final);
    }
    remove_folder(staging);
    return published;
  } catch (const fs::filesystem_error& error) {
    remove_folder(staging);
    throw DataError("{}: {}", final.string(), error.code().message());
  } catch (const Error&) {
    remove_folder(staging);
    throw;
  }
}

void Publisher::sweep() const {
  for (const auto& entry : fs::directory_iterator(folders_.models()))
    if (!store_.model(entry.path().filename().string())) remove_folder(entry.path());
}

}  // namespace pocketstyle::serve

// SPDX-License-Identifier: Apache-2.0
#include "serve/publisher.h"

#include "serve/ids.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/network/layer_table.h"
#include "pocketstyle/run/metadata.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kManifestEnd = ".json";

/// "rgba.onnx" as {"onnx", "rgba"}, "ptl" as {"ptl", "float"}.
std::pair<std::string, std::string> kind_and_io(const std::string& format) {
  const auto dot = format.find('.');
  if (dot == std::string::npos) return {format, "float"};
  return {format.substr(dot + 1), format.substr(0, dot)};
}

std::string hash_of(const fs::path& file) {
  return fs::exists(file) ? file_sha256(file) : std::string();
}

}  // namespace

bool Publisher::run(const std::vector<std::string>& arguments, const Publication& publication,
                    const std::stop_token& stop) const {
  const int code = run_(arguments, publication.log, stop);
  if (stop.stop_requested()) return false;
  if (code == 0) return true;
  throw RuntimeFailure("{} failed with exit code {}: {}", arguments.front(), code, last_words(publication.log));
}

bool Publisher::stage(const Publication& publication, const std::stop_token& stop) const {
  const fs::path staging = folders_.staging(publication.id);
  remove_folder(staging);
  fs::create_directories(staging);
  const std::string side = std::to_string(kThumbnailSide), weights = publication.weights.string();
  if (!run({"export", weights, "-o", (staging / "files").string(), "--name", publication.preset, "--format", "all",
            "--precision", "all"},
           publication, stop))
    return false;
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
      const auto [kind, io] = kind_and_io(manifest.at("kind").get<std::string>());
      model.files.push_back({manifest.at("file").get<std::string>(), kind, io,
                             manifest.at("weights").get<std::string>(), manifest.at("bytes").get<std::int64_t>(),
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

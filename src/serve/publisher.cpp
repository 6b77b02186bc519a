// SPDX-License-Identifier: Apache-2.0
#include "serve/publisher.h"

#include "serve/file_maker.h"
#include "serve/ids.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/network/layer_table.h"
#include "pocketstyle/run/metadata.h"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kWeightsKind = "safetensors";
constexpr std::uint64_t kMaxHeader = 1U << 20U;

/// The network whose weights are in the file, by the header of its safetensors.
config::Architecture architecture_in(const fs::path& weights) {
  const std::string bytes = read_file(weights);
  std::uint64_t length = 0;
  constexpr std::size_t kLengthBytes = sizeof length;
  if (bytes.size() >= kLengthBytes)
    for (std::size_t i = 0; i < kLengthBytes; ++i)
      length |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  try {
    if (length > kMaxHeader || bytes.size() < kLengthBytes + length) throw DataError("{}: truncated", weights.string());
    const auto header = nlohmann::json::parse(std::string_view(bytes).substr(kLengthBytes, length));
    return run::architecture_from_json(header.at("__metadata__").at(run::kArchitectureKey).get<std::string>(),
                                       weights.string());
  } catch (const nlohmann::json::exception&) {
    throw DataError("{}: is not a style network's weights", weights.string());
  }
}

std::string hash_of(const fs::path& file) {
  return fs::exists(file) ? file_sha256(file) : std::string();
}

}  // namespace

Model Publisher::stage(const Publication& publication) const {
  const fs::path staging = folders_.staging(publication.id), style = staging / "style.jpg";
  remove_folder(staging);
  fs::create_directories(staging / "files");
  Model model;
  model.id = publication.id;
  model.name = publication.name;
  model.style = publication.style;
  model.preset = publication.preset;
  model.job_id = publication.job_id;
  model.held_out_total = publication.held_out_total;
  model.created_at = now_utc();
  const auto totals = network::totals(architecture_in(publication.weights));
  model.parameters = totals.parameters;
  model.macs_256 = totals.macs;
  model.files = files_to_make(publication.preset, totals.parameters);
  for (ModelFile& file : model.files) {
    if (file.kind != kWeightsKind) continue;
    const fs::path weights = staging / "files" / file.name;
    fs::copy_file(publication.weights, weights);
    file.bytes = static_cast<std::int64_t>(fs::file_size(weights));
    file.sha256 = file_sha256(weights);
    file.state = FileState::ready;
    file.verified = true;
  }
  if (!publication.small_style_picture.empty())
    fs::copy_file(publication.small_style_picture, style);
  else if (!publication.style_picture.empty())
    small_picture(publication.style_picture, style);
  model.style_sha256 = hash_of(style);
  sync_all(staging);
  at_point(Point::staged);
  return model;
}

void Publisher::small_picture(const fs::path& picture, const fs::path& output) const {
  maker_.make({.make = "picture", .input = picture.string(), .output = output.string(), .size = kThumbnailSide},
              Maker::Urgency::someone_waits);
}

bool Publisher::publish(const Publication& publication) {
  const fs::path staging = folders_.staging(publication.id), final = folders_.model(publication.id);
  try {
    const Model model = stage(publication);
    remove_folder(final);  // left by an earlier attempt that was interrupted before the row was added
    fs::rename(staging, final);
    sync_names(folders_.models());
    at_point(Point::renamed);
    const bool published = store_.publish(model);
    if (!published) remove_folder(final);
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

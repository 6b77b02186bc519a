// SPDX-License-Identifier: Apache-2.0
#include "serve/file_maker.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/formats/file_name.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <latch>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostAsked = 64;
constexpr const char* kExportResults = "export.json";

std::int64_t bytes_of(formats::Precision precision) {
  return precision == formats::Precision::fp32 ? 4 : precision == formats::Precision::fp16 ? 2 : 1;
}

/// About what a file has besides its weights.
std::int64_t other_bytes(formats::Container container) {
  switch (container) {
    case formats::Container::torchscript:
      return 80'000;
    case formats::Container::lite:
      return 50'000;
    default:
      return 25'000;
  }
}

const formats::FormatSpec* spec_of(const ModelFile& file) {
  for (const formats::FormatSpec& spec : formats::all_formats())
    if (spec.kind() == file.kind && formats::to_string(spec.io) == file.io) return &spec;
  return nullptr;
}

}  // namespace

std::vector<ModelFile> files_to_make(const std::string& preset, std::int64_t parameters) {
  std::vector<ModelFile> files;
  for (const formats::FormatSpec& spec : formats::all_formats())
    for (const formats::Precision precision : formats::kPrecisions) {
      if (!spec.published.contains(precision)) continue;
      ModelFile file{.name = formats::file_name(preset, spec.format, precision),
                     .kind = std::string(spec.kind()),
                     .io = formats::to_string(spec.io),
                     .precision = formats::to_string(precision)};
      file.bytes = parameters * bytes_of(precision) + other_bytes(spec.container);
      file.state = FileState::waiting;
      file.verified = false;
      files.push_back(std::move(file));
    }
  return files;
}

FileMaker::~FileMaker() {
  stop();
}

void FileMaker::start() {
  const std::lock_guard lock(mutex_);
  if (!stop_.stop_requested()) thread_ = std::jthread([this] { work(); });
}

void FileMaker::stop() {
  std::jthread ending;
  {
    const std::lock_guard lock(mutex_);
    stop_.request_stop();
    ending = std::move(thread_);
  }
  changed_.notify_all();
}

void FileMaker::wake() {
  {
    const std::lock_guard lock(mutex_);
    news_ = true;
  }
  changed_.notify_all();
}

bool FileMaker::ask_for(const std::string& model, const std::string& name) {
  const auto described = store_.model(model);
  const auto file = store_.file(model, name);
  if (!described || !file || file->state != FileState::waiting) return true;
  const formats::FormatSpec* spec = spec_of(*file);
  if (spec == nullptr) return true;
  {
    const std::lock_guard lock(mutex_);
    if (asked_.contains({model, name})) return true;
    if (asked_.size() >= kMostAsked) return false;
    asked_.insert({model, name});
  }
  const fs::path folder = folders_.making() / ("made-" + model);
  const Maker::Request request{.make = "export",
                               .weights = folders_.model_file(model, described->preset + ".safetensors").string(),
                               .output = folder.string(),
                               .name = described->preset,
                               .format = std::string(spec->name),
                               .precision = file->precision};
  maker_.ask(request, Maker::Urgency::someone_waits, [this, model, wanted = *file, folder](const Maker::Made& made) {
    const std::lock_guard lock(mutex_);
    ModelFile result = wanted;
    asked_.erase({model, result.name});
    if (stop_.stop_requested()) return;
    if (!made.was_tried) {  // those who wait may ask again
      log()->error("[serve] model {}: {}: {}", model, result.name, made.error);
      return;
    }
    try {
      const auto now = store_.file(model, result.name);
      if (!now || now->state != FileState::waiting) return;  // made in its turn meanwhile
      result.state = made.error.empty() ? FileState::ready : FileState::failed;
      result.error = made.error;
      result.bytes = made.error.empty() ? made.bytes : 0;
      result.sha256 = made.sha256;
      if (made.error.empty()) {
        fs::rename(folder / result.name, folders_.model_file(model, result.name));
        sync_all(folders_.model_file(model, ""));
      } else {
        log()->error("[serve] model {}: {}: {}", model, result.name, made.error);
      }
      store_.set_file(model, result);
    } catch (const std::exception& error) {
      log()->error("[serve] model {}: {}: {}", model, result.name, error.what());
    }
  });
  return true;
}

bool FileMaker::is_asked_for(const std::string& model, const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return asked_.contains({model, name});
}

void FileMaker::make_thumbnail(const Model& model, const std::function<void()>& then) {
  const fs::path output = folders_.making() / ("thumbnail-" + model.id + ".jpg");
  const Maker::Request request{.make = "stylized",
                               .weights = folders_.model_file(model.id, model.preset + ".safetensors").string(),
                               .input = photo_.string(),
                               .output = output.string(),
                               .size = kThumbnailSide};
  maker_.ask(request, Maker::Urgency::soon, [this, id = model.id, output, then](const Maker::Made& made) {
    try {
      if (made.error.empty()) {
        fs::rename(output, folders_.thumbnail(id));
        sync_all(folders_.model(id));
        store_.set_thumbnail(id, made.sha256);
      } else {
        log()->error("[serve] model {}: its thumbnail: {}", id, made.error);
      }
    } catch (const std::exception& error) {
      log()->error("[serve] model {}: its thumbnail: {}", id, error.what());
    }
    then();
  });
}

/// One network of each style first, the one whose thumbnail the gallery shows.
void FileMaker::make_thumbnails() {
  std::vector<Model> models = store_.models();
  std::erase_if(models,
                [&](const Model& model) { return !model.thumbnail_sha256.empty() || tried_.contains(model.id); });
  std::stable_partition(models.begin(), models.end(), [](const Model& model) { return model.preset == "mini"; });
  std::latch left(static_cast<std::ptrdiff_t>(models.size()));
  for (const Model& model : models) make_thumbnail(model, [&] { left.count_down(); });
  left.wait();
}

void FileMaker::work() {
  std::unique_lock lock(mutex_);
  while (!stop_.stop_requested()) {
    news_ = false;
    lock.unlock();
    try {
      make_thumbnails();
      for (const Model& model : store_.models()) {
        if (stop_.stop_requested()) break;
        const bool complete_already = std::none_of(model.files.begin(), model.files.end(), [](const ModelFile& file) {
          return file.state != FileState::failed && !file.verified;
        });
        if (!complete_already && tried_.insert(model.id).second) try_to_complete(model);
        const std::lock_guard check(mutex_);
        if (news_) break;  // thumbnails of new models first
      }
    } catch (const std::exception& error) {
      log()->error("[serve] {}", error.what());
    }
    lock.lock();
    changed_.wait(lock, [this] { return news_ || stop_.stop_requested(); });
  }
}

void FileMaker::try_to_complete(const Model& model) {
  try {
    complete(model);
  } catch (const std::exception& error) {
    log()->error("[serve] model {}: {}", model.id, error.what());
  }
}

void FileMaker::complete(const Model& model) {
  std::set<std::string> names, precisions;
  for (const ModelFile& file : model.files)
    if (const formats::FormatSpec* spec = spec_of(file);
        spec != nullptr && !file.verified && file.state != FileState::failed) {
      names.emplace(spec->name);
      precisions.insert(file.precision);
    }
  const fs::path folder = folders_.making() / ("compared-" + model.id);
  remove_folder(folder);
  fs::create_directories(folder);
  const int code = run_(
      {"export", folders_.model_file(model.id, model.preset + ".safetensors").string(), "-o",
       (folder / "files").string(), "--name", model.preset, "--format", fmt::format("{}", fmt::join(names, ",")),
       "--precision", fmt::format("{}", fmt::join(precisions, ",")), "--results", (folder / kExportResults).string()},
      folders_.making_log(), stop_.get_token());
  if (stop_.stop_requested()) return;
  if (code != 0 && code != static_cast<int>(ErrorKind::verification))
    throw RuntimeFailure("{}", command_failure("export", code, folders_.making_log()));
  take_results(model, folder);
  remove_folder(folder);
}

/// What passed becomes the model's, also in place of a file that was made for somebody before; what did not fails.
void FileMaker::take_results(const Model& model, const fs::path& made) {
  try {
    const auto results = nlohmann::json::parse(read_file(made / kExportResults));
    for (const auto& result : results.at("files")) {
      const std::string name = fs::path(result.at("file").get<std::string>()).filename().string();
      const std::lock_guard lock(mutex_);
      auto file = store_.file(model.id, name);
      if (!file || file->verified) continue;
      const fs::path final = folders_.model_file(model.id, name);
      if (result.at("written").get<bool>()) {
        const std::string manifest = name + ".json";
        file->sha256 = file_sha256(made / "files" / name);
        file->bytes = static_cast<std::int64_t>(fs::file_size(made / "files" / name));
        file->state = FileState::ready;
        file->verified = true;
        file->error.clear();
        fs::rename(made / "files" / name, final);
        fs::rename(made / "files" / manifest, folders_.model_file(model.id, manifest));
        sync_all(final.parent_path());
        store_.set_file(model.id, *file);
      } else {
        file->state = FileState::failed;
        file->error = result.at("failure").get<std::string>();
        log()->warn("[serve] model {}: without {}: {}", model.id, name, file->error);
        store_.set_file(model.id, *file);
        fs::remove(final);
      }
    }
    if (fs::is_directory(folders_.model(model.id))) {
      fs::rename(made / kExportResults, folders_.model(model.id) / kExportResults);
      log()->info("[serve] model {}: every file is made and compared", model.id);
    }
  } catch (const nlohmann::json::exception&) {
    throw RuntimeFailure("{}: invalid content", (made / kExportResults).string());
  }
}

}  // namespace pocketstyle::serve

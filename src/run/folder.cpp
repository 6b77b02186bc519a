// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/run/folder.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace pocketstyle::run {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kStepPrefix = "step-", kCheckpointEnd = ".safetensors", kFirstPreviewEnd = "-0.png";

/// The files in `folder` whose names are "step-...END".
std::vector<fs::path> files_of_steps(const fs::path& folder, std::string_view end) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kStepPrefix) && name.ends_with(end)) found.push_back(entry.path());
  }
  return found;
}

}  // namespace

fs::path checkpoint_path(const fs::path& run_folder, std::int64_t step) {
  return run_folder / kCheckpointsFolder / fmt::format("{}{:08}{}", kStepPrefix, step, kCheckpointEnd);
}

fs::path best_checkpoint_path(const fs::path& run_folder) {
  return run_folder / kCheckpointsFolder / "best.safetensors";
}

std::vector<fs::path> list_checkpoints(const fs::path& run_folder) {
  auto found = files_of_steps(run_folder / kCheckpointsFolder, kCheckpointEnd);
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<fs::path> old_checkpoints(const fs::path& run_folder, std::size_t keep) {
  auto found = list_checkpoints(run_folder);
  found.resize(found.size() - std::min(found.size(), keep));
  return found;
}

fs::path preview_path(const fs::path& run_folder, std::int64_t step, std::size_t photo) {
  return run_folder / kPreviewsFolder / fmt::format("{}{:08}-{}.png", kStepPrefix, step, photo);
}

std::vector<std::int64_t> list_preview_steps(const fs::path& run_folder) {
  std::vector<std::int64_t> steps;
  for (const fs::path& path : files_of_steps(run_folder / kPreviewsFolder, kFirstPreviewEnd)) {
    const std::string name = path.filename().string();
    const char* const end = name.data() + name.size() - kFirstPreviewEnd.size();
    std::int64_t step = 0;
    const auto [stop, error] = std::from_chars(name.data() + kStepPrefix.size(), end, step);
    if (error == std::errc() && stop == end) steps.push_back(step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

}  // namespace pocketstyle::run

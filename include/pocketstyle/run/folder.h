// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace pocketstyle::run {

// The content of a run folder (docs/formats.md). While a run trains, it holds a FolderLock on the folder.
inline constexpr const char* kConfigName = "config.yaml";
inline constexpr const char* kDescriptionName = "run.json";
inline constexpr const char* kMetricsName = "metrics.jsonl";
inline constexpr const char* kContactSheetName = "contact_sheet.jpg";
inline constexpr const char* kFinalWeightsName = "final.safetensors";
inline constexpr const char* kPreviewsFolder = "previews";
inline constexpr const char* kCheckpointsFolder = "checkpoints";

/// RUN/checkpoints/step-00000250.safetensors.
std::filesystem::path checkpoint_path(const std::filesystem::path& run_folder, std::int64_t step);
/// The checkpoint with the lowest validation loss.
std::filesystem::path best_checkpoint_path(const std::filesystem::path& run_folder);
/// The checkpoints by step, oldest first; empty if there are none.
std::vector<std::filesystem::path> list_checkpoints(const std::filesystem::path& run_folder);
/// All of them but the newest `keep`.
std::vector<std::filesystem::path> old_checkpoints(const std::filesystem::path& run_folder, std::size_t keep);

/// RUN/previews/step-00000250-0.png: the network's output for validation photo number `photo` at that step.
std::filesystem::path preview_path(const std::filesystem::path& run_folder, std::int64_t step, std::size_t photo);
/// The steps that have a preview of the first photo, ascending.
std::vector<std::int64_t> list_preview_steps(const std::filesystem::path& run_folder);

}  // namespace pocketstyle::run

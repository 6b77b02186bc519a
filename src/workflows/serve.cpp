// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/serve.h"

#include "workflows/child_process.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/nn/shipped_models.h"
#include "pocketstyle/workflows/threads.h"

#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

namespace pocketstyle::workflows {
namespace fs = std::filesystem;

fs::path find_web_folder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  std::vector<fs::path> places = {program.parent_path() / "share/pocketstyle/web",
                                  program.parent_path().parent_path() / "web"};
  if (const char* assets = std::getenv("POCKETSTYLE_ASSETS"))
    places.insert(places.begin(), fs::path(assets).parent_path() / "web");
  for (const fs::path& place : places)
    if (fs::exists(place / "index.html", error)) return place;
  return {};
}

std::vector<serve::ShippedModel> models_to_serve() {
  std::vector<serve::ShippedModel> models;
  for (const nn::ShippedModel& model : nn::shipped_models()) {
    fs::path metrics = model.path, picture;
    metrics.replace_extension("jsonl");
    try {
      picture = find_asset("styles/" + model.style + ".jpg");
    } catch (const DataError& error) {
      log()->debug("{}", error.what());  // a style whose picture may not be redistributed
    }
    models.push_back({model.style, model.net, model.path, metrics, picture});
  }
  return models;
}

serve::RunProgram program_runner(int jobs) {
  std::vector<std::string> environment;
  for (char* const* entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  if (std::getenv("OMP_NUM_THREADS") == nullptr)
    environment.push_back(fmt::format("OMP_NUM_THREADS={}", thread_count(0, jobs)));
  const auto shared = std::make_shared<const Strings>(std::move(environment));
  return [shared](const std::vector<std::string>& command, const fs::path& log_file, const std::stop_token& stop) {
    std::vector<std::string> arguments = {"pocketstyle"};
    arguments.insert(arguments.end(), command.begin(), command.end());
    return run_child(Strings(std::move(arguments)), shared->get(), log_file, stop);
  };
}

}  // namespace pocketstyle::workflows

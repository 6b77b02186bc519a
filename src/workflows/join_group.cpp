// SPDX-License-Identifier: Apache-2.0
#include "workflows/join_group.h"

#include "pocketstyle/core/error.h"

#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>

namespace pocketstyle::workflows {
namespace {

constexpr const char* kFilePrefix = "file://";

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

int number(const char* name, int low, int high, std::optional<int> otherwise = std::nullopt) {
  const auto text = variable(name);
  if (!text && otherwise) return *otherwise;
  if (!text) throw UsageError("RANK is set in the environment but {} is not; torchrun sets both", name);
  int value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < low || value > high)
    throw UsageError("{}={} in the environment: expected a whole number from {} to {}", name, *text, low, high);
  return value;
}

std::filesystem::path store_file(const std::string& store) {
  if (store.empty()) return {};
  if (!store.starts_with(kFilePrefix) || store.size() == std::string(kFilePrefix).size())
    throw UsageError("--store {}: expected file:///path/of/a/new/file", store);
  return store.substr(std::string(kFilePrefix).size());
}

}  // namespace

bool starts_others(const ProcessOptions& options) {
  if (variable("RANK")) return false;
  if (options.machine >= options.machines)
    throw UsageError("--node-rank {}: expected 0 to {}, as --nnodes is {}", options.machine, options.machines - 1,
                     options.machines);
  store_file(options.store);
  if (options.machines * options.processes > 1) train::check_can_join();
  return options.processes > 1;
}

std::shared_ptr<train::ProcessGroup> join_group(const ProcessOptions& options) {
  train::Place place;
  train::Rendezvous rendezvous;
  rendezvous.timeout = std::chrono::seconds(options.timeout_s);
  rendezvous.file = store_file(options.store.empty() ? variable("POCKETSTYLE_STORE").value_or("") : options.store);
  rendezvous.address = options.address;
  rendezvous.port = options.port == 0 ? kDefaultPort : options.port;
  if (variable("RANK")) {
    constexpr int kMost = std::numeric_limits<int>::max();
    place.world = number("WORLD_SIZE", 1, kMost);
    place.rank = number("RANK", 0, place.world - 1);
    place.local_world = number("LOCAL_WORLD_SIZE", 1, place.world, 1);
    place.local_rank = number("LOCAL_RANK", 0, place.local_world - 1, 0);
    rendezvous.address = variable("MASTER_ADDR").value_or(rendezvous.address);
    rendezvous.port = static_cast<std::uint16_t>(number("MASTER_PORT", 1, 65535, rendezvous.port));
    // torchrun listens itself, and restarts everything at the same address when a process fails.
    rendezvous.hosted = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
    rendezvous.prefix += "/" + variable("TORCHELASTIC_RESTART_COUNT").value_or("0");
  } else {
    place.world = options.machines;
    place.rank = options.machine;
  }
  if (place.world == 1) return std::make_shared<train::ProcessGroup>();
  return train::join(place, rendezvous);
}

}  // namespace pocketstyle::workflows

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/stylize/memory.h"

#include "pocketstyle/core/address_space.h"
#include "pocketstyle/core/control_groups.h"
#include "pocketstyle/network/layers.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace pocketstyle::stylize {
namespace fs = std::filesystem;
namespace {

using Bytes = std::optional<std::uint64_t>;

/// The number after `key` in lines such as "MemAvailable:  123 kB" or "inactive_file 123".
Bytes number_after(const fs::path& path, const std::string& key) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t number = 0;
    if (words >> name && name == key && words >> number) return number;
  }
  return {};
}

/// A file with one number; "max" counts as none.
Bytes number_in(const fs::path& path) {
  std::ifstream in(path);
  std::uint64_t number = 0;
  return in >> number ? Bytes(number) : Bytes();
}

/// Free memory in one control group: its limit minus its usage, not counting file cache that the system would drop.
Bytes left_in(const ControlGroup& group) {
  const auto number = [&](const char* v1, const char* v2) { return number_in(group.folder / (group.is_v2 ? v2 : v1)); };
  const Bytes limit = number("memory.limit_in_bytes", "memory.max");
  const Bytes used = number("memory.usage_in_bytes", "memory.current");
  if (!limit || !used) return {};
  const Bytes droppable =
      number_after(group.folder / "memory.stat", group.is_v2 ? "inactive_file" : "total_inactive_file");
  const std::uint64_t kept = *used - std::min(*used, droppable.value_or(0));
  return *limit - std::min(*limit, kept);
}

}  // namespace

std::uint64_t untiled_bytes(const config::Architecture& architecture, std::int64_t height, std::int64_t width) {
  const std::vector<network::Layer> layers = network::layers(architecture);
  // In units of a pixel's share of the deepest level. `beside` is the memory still used by what the convolution's input
  // was computed from: the level below, or the value that the block will be added to.
  const std::int64_t deepest = layers[network::trunk(layers)].level, parts = std::int64_t{1} << 2 * deepest;
  const auto pixels = [&](std::int64_t level) { return parts >> 2 * level; };
  std::int64_t floats = 0, block_input = 0;
  for (const network::Layer& layer : layers) {
    const std::int64_t in = layer.in * pixels(layer.input_level()), out = layer.out * pixels(layer.level);
    if (layer.begins_block) block_input = in;
    const std::int64_t beside = layer.doubles ? layer.in * pixels(layer.level + 1) : layer.block > 0 ? block_input : 0;
    floats = std::max(floats, beside + 3 * in + 2 * out);
  }
  const std::int64_t pictures = parts * layers.front().in * 4;  // input and output, each in both value ranges
  return static_cast<std::uint64_t>((floats + pictures) * height * width / parts * 4);
}

std::optional<std::uint64_t> available_memory(const fs::path& root) {
  Bytes smallest = number_after(root / "proc/meminfo", "MemAvailable:");
  if (smallest) *smallest *= 1024;
  if (const Bytes left = address_space_left(root)) smallest = std::min(*left, smallest.value_or(*left));
  for (const ControlGroup& group : control_groups("memory", root))
    if (const Bytes left = left_in(group)) smallest = std::min(*left, smallest.value_or(*left));
  return smallest;
}

std::uint64_t resident_memory() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  if (!(in >> total >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace pocketstyle::stylize

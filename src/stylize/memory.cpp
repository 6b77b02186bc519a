// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/stylize/memory.h"

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

/// A file with one number; "max" is none.
Bytes number_in(const fs::path& path) {
  std::ifstream in(path);
  std::uint64_t number = 0;
  return in >> number ? Bytes(number) : Bytes();
}

/// What is left in one control group: its limit less what is used, but for files that the system would drop.
Bytes left_in(const fs::path& group, const char* limit_name, const char* used_name, const char* droppable_key) {
  const Bytes limit = number_in(group / limit_name), used = number_in(group / used_name);
  if (!limit || !used) return {};
  const std::uint64_t kept = *used - std::min(*used, number_after(group / "memory.stat", droppable_key).value_or(0));
  return *limit - std::min(*limit, kept);
}

/// Where /proc/self/cgroup says this process is in `controllers`: "0::/user.slice" or "4:memory:/docker/1f".
std::optional<std::string> group_of(const fs::path& root, const std::string& controllers) {
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string names = "," + line.substr(first + 1, second - first - 1) + ",";
    if (names == "," + controllers + "," || (!controllers.empty() && names.find("," + controllers + ",") != names.npos))
      return line.substr(second + 1);
  }
  return {};
}

/// The smallest of a group and all that it is in. A container sees its own group as the top one, under another path.
template <class Left>
void limit_by_groups(Bytes& smallest, const fs::path& top, const std::optional<std::string>& path, const Left& left) {
  if (!path) return;
  const auto limit = [&](const fs::path& group) {
    if (const Bytes bytes = left(group)) smallest = std::min(*bytes, smallest.value_or(*bytes));
  };
  fs::path group = top;
  limit(group);
  for (const fs::path& part : fs::path(*path).relative_path()) limit(group /= part);
}

}  // namespace

std::uint64_t untiled_bytes(const config::Architecture& architecture, std::int64_t height, std::int64_t width) {
  const std::vector<network::Layer> layers = network::layers(architecture);
  // In parts of a pixel's share of the deepest level. `beside` is what a convolution's input was made of and still is
  // there: the level below, or what the block will be added to.
  const std::int64_t deepest = layers[network::trunk(layers)].level, parts = std::int64_t{1} << 2 * deepest;
  const auto pixels = [&](std::int64_t level) { return parts >> 2 * level; };
  std::int64_t floats = 0, block_input = 0;
  for (const network::Layer& layer : layers) {
    const std::int64_t in = layer.in * pixels(layer.input_level()), out = layer.out * pixels(layer.level);
    if (layer.begins_block) block_input = in;
    const std::int64_t beside = layer.doubles ? layer.in * pixels(layer.level + 1) : layer.block > 0 ? block_input : 0;
    floats = std::max(floats, beside + 3 * in + 2 * out);
  }
  const std::int64_t pictures = parts * layers.front().in * 4;  // as they go in and come out, in their two ranges
  return static_cast<std::uint64_t>((floats + pictures) * height * width / parts * 4);
}

std::optional<std::uint64_t> available_memory(const fs::path& root) {
  Bytes smallest = number_after(root / "proc/meminfo", "MemAvailable:");
  if (smallest) *smallest *= 1024;
  limit_by_groups(smallest, root / "sys/fs/cgroup", group_of(root, ""), [](const fs::path& group) {
    return left_in(group, "memory.max", "memory.current", "inactive_file");
  });
  limit_by_groups(smallest, root / "sys/fs/cgroup/memory", group_of(root, "memory"), [](const fs::path& group) {
    return left_in(group, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
  });
  return smallest;
}

std::uint64_t resident_memory() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  if (!(in >> total >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace pocketstyle::stylize

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/control_groups.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace pocketstyle {
namespace fs = std::filesystem;
namespace {

bool lists(const std::string& with_commas, std::string_view word) {
  std::istringstream words(with_commas);
  for (std::string one; std::getline(words, one, ',');)
    if (one == word) return true;
  return false;
}

/// A mounted hierarchy of control groups that has a controller.
struct Hierarchy {
  bool is_v2 = false;
  std::string root, mounted_at;  ///< the group that is mounted, and where
};

std::vector<Hierarchy> hierarchies(std::string_view controller, const fs::path& root) {
  std::vector<Hierarchy> found;
  std::ifstream mounts(root / "proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    // number parent device ROOT MOUNTED_AT options [more]... - TYPE source SUPER_OPTIONS
    std::istringstream words(line);
    const std::vector<std::string> fields{std::istream_iterator<std::string>(words), {}};
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (dash - fields.begin() < 6 || fields.end() - dash < 4) continue;
    const bool is_v2 = dash[1] == "cgroup2";
    if (is_v2 || (dash[1] == "cgroup" && lists(dash[3], controller))) found.push_back({is_v2, fields[3], fields[4]});
  }
  return found;
}

/// The group that this process is in, from /proc/self/cgroup, whose lines read number:controllers:group.
std::string own_group(std::string_view controller, const fs::path& root, bool is_v2) {
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (is_v2 ? controllers.empty() : lists(controllers, controller)) return line.substr(second + 1);
  }
  return "/";
}

}  // namespace

std::vector<ControlGroup> control_groups(std::string_view controller, const fs::path& root) {
  std::vector<ControlGroup> groups;
  for (const Hierarchy& hierarchy : hierarchies(controller, root)) {
    // In a container, the group's name may be the one outside, while the group itself is mounted as the topmost.
    const fs::path group = fs::path(own_group(controller, root, hierarchy.is_v2)).lexically_relative(hierarchy.root);
    const fs::path top = root / fs::path(hierarchy.mounted_at).relative_path();
    fs::path folder = group.empty() || *group.begin() == ".." ? top : (top / group).lexically_normal();
    while (true) {
      groups.push_back({folder, hierarchy.is_v2});
      if (folder == top || !folder.has_relative_path()) break;
      folder = folder.parent_path();
    }
  }
  return groups;
}

}  // namespace pocketstyle

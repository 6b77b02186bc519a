// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace pocketstyle::config {

/// Where a value came from, and what its relative paths are relative to.
struct Origin {
  std::string name;  ///< "file.yaml" or "--set train.steps"
  std::filesystem::path base;
  bool has_lines = true;
  [[nodiscard]] std::string position(const YAML::Mark& mark) const;
};

struct Value {
  YAML::Node node;
  Origin origin;
  YAML::Mark mark;  ///< the value's, or its key's if there is no value
  [[nodiscard]] std::string position() const { return origin.position(mark); }
};

/// Collects the values that were given, by "section.key", and every problem met on the way.
class Reader {
 public:
  /// A whole file. Text that is not YAML is one problem; then nothing else was read.
  void read_text(const std::string& yaml, const Origin& origin);
  /// "section.key=value": paths and words are taken as they stand, without YAML's quoting; [..] is a list.
  void read_override(const std::string& text);

  void problem(const std::string& where, const std::string& what) { problems.push_back(where + ": " + what); }

  std::map<std::string, Value> values;  ///< a value read later replaces an earlier one
  std::vector<std::string> problems;
  std::set<std::string> wrong;  ///< paths whose value has a problem: rules across fields leave them alone
  bool is_readable = true;      ///< text is YAML and has sections

 private:
  void read(const YAML::Node& root, const Origin& origin);
  void read_section(const std::string& section, const YAML::Node& node, const Origin& origin);
  bool is_duplicate(const std::string& path, const YAML::Mark& mark, std::map<std::string, YAML::Mark>& seen,
                    const Origin& origin);
};

/// What stands there, for "found ...": 'abc', nothing, a map, a list of 2.
std::string text_of(const YAML::Node& node);

}  // namespace pocketstyle::config

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace pocketstyle::config {

/// Where a value came from, and the base folder of its relative paths.
struct Origin {
  std::string name;  ///< "file.yaml" or "--set train.steps"
  std::filesystem::path base;
  bool has_lines = true;
  [[nodiscard]] std::string position(const YAML::Mark& mark) const;
};

struct Value {
  YAML::Node node;
  Origin origin;
  YAML::Mark mark;  ///< position of the value, or of its key if there is no value
  [[nodiscard]] std::string position() const { return origin.position(mark); }
};

/// Collects the given values by "section.key", and all problems found on the way.
class Reader {
 public:
  /// Reads a whole file. Text that is not YAML is reported as one problem, and nothing else is read.
  void read_text(const std::string& yaml, const Origin& origin);
  /// Reads "section.key=value": paths and words are taken literally, without YAML's quoting; [..] is a list.
  void read_override(const std::string& text);

  void problem(const std::string& where, const std::string& what) { problems.push_back(where + ": " + what); }

  std::map<std::string, Value> values;  ///< later values replace earlier ones
  std::vector<std::string> problems;
  std::set<std::string> wrong;  ///< keys whose value has a problem; rules that involve several fields skip them
  bool is_readable = true;      ///< the text is YAML and has sections

 private:
  void read(const YAML::Node& root, const Origin& origin);
  void read_section(const std::string& section, const YAML::Node& node, const Origin& origin);
  bool is_duplicate(const std::string& path, const YAML::Mark& mark, std::map<std::string, YAML::Mark>& seen,
                    const Origin& origin);
};

/// The value as shown in "found ...": 'abc', nothing, a map, a list of 2.
std::string text_of(const YAML::Node& node);

}  // namespace pocketstyle::config

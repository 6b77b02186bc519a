// SPDX-License-Identifier: Apache-2.0
#include "config/reader.h"

#include "pocketstyle/config/config.h"
#include "pocketstyle/core/error.h"
#include "pocketstyle/core/nearest_name.h"

#include <algorithm>
#include <optional>
#include <sstream>

namespace pocketstyle::config {
namespace fs = std::filesystem;
namespace {

/// All keys, by section.
struct Names {
  std::map<std::string, std::vector<std::string>> fields;
  std::vector<std::string> sections;
  template <class S>
  void section(std::string_view name, S& value, std::string_view) {
    sections.emplace_back(name);
    value.visit(*this);
  }
  template <class T>
  void field(std::string_view name, T&, const FieldInfo&) {
    fields[sections.back()].emplace_back(name);
  }
};

const Names& names() {
  static const Names all = [] {
    Names result;
    Config config;
    config.visit(result);
    return result;
  }();
  return all;
}

bool has(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// The key in its actual section, else the nearest known name, else all names.
std::string suggestion(const std::string& key, const std::vector<std::string>& known) {
  for (const auto& [section, fields] : names().fields)
    if (has(fields, key)) return fmt::format("did you mean {}.{}?", section, key);
  if (const std::string nearest = nearest_name(key, known); !nearest.empty()) return "did you mean " + nearest + "?";
  return fmt::format("expected one of {}", fmt::join(known, ", "));
}

/// The line of a "---" below the first document; YAML::Load stops reading there, and YAML::LoadAll of yaml-cpp 0.7
/// never returns for some broken files.
std::optional<std::size_t> second_document(const std::string& yaml) {
  std::istringstream lines(yaml);
  std::string line;
  bool content = false;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (line.starts_with("---") && content) return number;
    content = content || (!line.starts_with('#') && !line.starts_with('%') &&
                          line.find_first_not_of(" \t\r") != std::string::npos);
  }
  return std::nullopt;
}

/// The first tab that a line begins with, or has in what it begins with; not of lines without content.
std::optional<std::string> place_of_tab(const std::string& yaml) {
  std::istringstream lines(yaml);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    const auto content = line.find_first_not_of(" \t\r"), tab = line.find('\t');
    if (content != std::string::npos && line[content] != '#' && tab < content)
      return fmt::format("{}:{}", number, tab + 1);
  }
  return std::nullopt;
}

std::string key_of(const YAML::Node& node) {
  return node.IsScalar() ? node.Scalar() : text_of(node);
}

}  // namespace

std::string Origin::position(const YAML::Mark& mark) const {
  if (!has_lines || mark.is_null()) return name;
  return fmt::format("{}:{}:{}", name, mark.line + 1, mark.column + 1);
}

std::string text_of(const YAML::Node& node) {
  if (node.IsScalar()) return "'" + node.Scalar() + "'";
  if (node.IsMap()) return "a map";
  return node.IsSequence() ? fmt::format("a list of {}", node.size()) : "nothing";
}

void Reader::read_text(const std::string& yaml, const Origin& origin) {
  try {
    // Without the last line end: yaml-cpp accepts an unterminated quotation if a line end follows.
    read(YAML::Load(yaml.substr(0, yaml.find_last_not_of(" \t\r\n") + 1)), origin);
    if (const auto line = second_document(yaml))
      problem(fmt::format("{}:{}:1", origin.name, *line), "a second YAML document, expected one");
  } catch (const YAML::Exception& error) {
    is_readable = false;
    if (const auto tab = place_of_tab(yaml))
      problem(origin.name + ":" + *tab, "not YAML: a tab, expected spaces at the beginning of a line");
    else
      problem(origin.position(error.mark), "not YAML: " + error.msg);
  }
}

void Reader::read_override(const std::string& text) {
  const auto equals = text.find('='), dot = text.find('.');
  if (equals == std::string::npos || dot == 0 || dot == std::string::npos || dot + 1 >= equals)
    return problem("--set " + text, "expected section.key=value");
  const std::string value = text.substr(equals + 1);
  const Origin origin{"--set " + text.substr(0, equals), fs::current_path(), false};
  try {
    YAML::Node node;  // nothing
    if (value.starts_with('['))
      node = YAML::Load(value);
    else if (!value.empty())
      node = value;
    YAML::Node root;
    root[text.substr(0, dot)][text.substr(dot + 1, equals - dot - 1)] = node;
    read(root, origin);
  } catch (const YAML::Exception& error) {
    problem(origin.name, "not a YAML list: " + error.msg);
  }
}

void Reader::read(const YAML::Node& root, const Origin& origin) {
  if (root.IsNull()) return;
  if (!root.IsMap()) {
    is_readable = false;
    return problem(origin.position(root.Mark()), "expected sections, found " + text_of(root));
  }
  std::map<std::string, YAML::Mark> seen;
  for (const auto& entry : root) {
    const std::string section = key_of(entry.first);
    if (is_duplicate(section, entry.first.Mark(), seen, origin)) continue;
    if (names().fields.contains(section))
      read_section(section, entry.second, origin);
    else
      problem(origin.position(entry.first.Mark()),
              fmt::format("{}: unknown section; {}", section, suggestion(section, names().sections)));
  }
}

bool Reader::is_duplicate(const std::string& path, const YAML::Mark& mark, std::map<std::string, YAML::Mark>& seen,
                          const Origin& origin) {
  const auto [first, is_new] = seen.emplace(path, mark);
  if (!is_new)
    problem(origin.position(mark), fmt::format("{}: given twice, first on line {}", path, first->second.line + 1));
  return !is_new;
}

void Reader::read_section(const std::string& section, const YAML::Node& node, const Origin& origin) {
  if (node.IsNull()) return;
  if (!node.IsMap())
    return problem(origin.position(node.Mark()), section + ": expected keys below it, found " + text_of(node));
  std::map<std::string, YAML::Mark> seen;
  for (const auto& entry : node) {
    const std::string key = key_of(entry.first);
    const std::string path = section + "." + key;
    const YAML::Mark key_mark = entry.first.Mark();
    if (is_duplicate(path, key_mark, seen, origin)) continue;
    const auto& known = names().fields.at(section);
    if (has(known, key))
      values[path] = {entry.second, origin, entry.second.IsNull() ? key_mark : entry.second.Mark()};
    else
      problem(origin.position(key_mark), fmt::format("{}: unknown key; {}", path, suggestion(key, known)));
  }
}

}  // namespace pocketstyle::config

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/config/load.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

namespace pocketstyle::config {
namespace fs = std::filesystem;
namespace {

/// Where a value came from, and what its relative paths are relative to.
struct Origin {
  std::string name;  ///< "file.yaml" or "--set train.steps"
  fs::path base;
  bool has_lines = true;
};

struct Value {
  YAML::Node node;
  const Origin* origin = nullptr;
};

std::string position(const Origin& origin, const YAML::Mark& mark) {
  if (!origin.has_lines || mark.is_null()) return origin.name;
  return fmt::format("{}:{}:{}", origin.name, mark.line + 1, mark.column + 1);
}

std::string text_of(const YAML::Node& node) {
  if (node.IsNull() || !node.IsDefined()) return "nothing";
  if (node.IsScalar()) return "'" + node.Scalar() + "'";
  return node.IsMap() ? "a map" : "a list";
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t cost = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j + 1] + 1, row[j] + 1, cost});
    }
  }
  return row.back();
}

std::string suggestion(const std::string& key, const std::vector<std::string>& known) {
  for (const std::string& name : known)
    if (edit_distance(key, name) <= 2) return "did you mean " + name + "?";
  return fmt::format("expected one of {}", fmt::join(known, ", "));
}

/// All section.field names, by section.
struct Names {
  std::map<std::string, std::vector<std::string>> fields;
  std::vector<std::string> sections;
  std::string current;
  template <class S>
  void section(std::string_view name, S& value, std::string_view) {
    current = name;
    sections.emplace_back(name);
    value.visit(*this);
  }
  template <class T>
  void field(std::string_view name, T&, const FieldInfo&) {
    fields[current].emplace_back(name);
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

/// The values that were given, by "section.key", and every problem met.
class Reader {
 public:
  void problem(const std::string& where, const std::string& what) { problems.push_back(where + ": " + what); }

  void read(const YAML::Node& root, const Origin& origin) {
    if (root.IsNull() || !root.IsDefined()) return;
    if (!root.IsMap()) return problem(position(origin, root.Mark()), "expected sections, found " + text_of(root));
    std::map<std::string, YAML::Mark> seen;
    for (const auto& entry : root) {
      const std::string section = key_of(entry.first);
      const std::string where = position(origin, entry.first.Mark());
      if (is_duplicate(section, entry.first.Mark(), seen, origin)) continue;
      if (!names().fields.contains(section)) {
        problem(where, fmt::format("{}: unknown section; {}", section, suggestion(section, names().sections)));
        continue;
      }
      read_section(section, entry.second, origin);
    }
  }

  /// A given value replaces an earlier one: the caller reads in the order of precedence.
  void put(const std::string& path, const YAML::Node& node, const Origin& origin) { values[path] = {node, &origin}; }

  std::map<std::string, Value> values;
  std::vector<std::string> problems;

 private:
  static std::string key_of(const YAML::Node& node) { return node.IsScalar() ? node.Scalar() : "?"; }

  bool is_duplicate(const std::string& path, const YAML::Mark& mark, std::map<std::string, YAML::Mark>& seen,
                    const Origin& origin) {
    const auto [first, is_new] = seen.emplace(path, mark);
    if (!is_new)
      problem(position(origin, mark), fmt::format("{}: given twice, first in line {}", path, first->second.line + 1));
    return !is_new;
  }

  void read_section(const std::string& section, const YAML::Node& node, const Origin& origin) {
    if (node.IsNull()) return;
    if (!node.IsMap())
      return problem(position(origin, node.Mark()), section + ": expected keys below it, found " + text_of(node));
    std::map<std::string, YAML::Mark> seen;
    for (const auto& entry : node) {
      const std::string key = key_of(entry.first);
      const std::string path = section + "." + key;
      if (is_duplicate(path, entry.first.Mark(), seen, origin)) continue;
      const auto& known = names().fields.at(section);
      if (std::find(known.begin(), known.end(), key) == known.end())
        problem(position(origin, entry.first.Mark()), fmt::format("{}: unknown key; {}", path, suggestion(key, known)));
      else
        put(path, entry.second, origin);
    }
  }
};

/// Puts the values into a Config, checking each against its FieldInfo.
class Binder {
 public:
  explicit Binder(Reader& reader) : reader_(reader) {}

  template <class S>
  void section(std::string_view name, S& value, std::string_view) {
    section_ = name;
    value.visit(*this);
  }

  template <class T>
  void field(std::string_view name, T& member, const FieldInfo& info) {
    const std::string path = section_ + "." + std::string(name);
    const auto given = reader_.values.find(path);
    if (given == reader_.values.end()) return;
    const Value& value = given->second;
    try {
      set(value, member, info);
    } catch (const std::invalid_argument& error) {
      reader_.problem(position(*value.origin, value.node.Mark()),
                      fmt::format("{}: expected {}, found {}", path, error.what(), text_of(value.node)));
    }
  }

 private:
  static std::string scalar(const Value& value, const char* expected) {
    if (!value.node.IsScalar()) throw std::invalid_argument(expected);
    return value.node.Scalar();
  }

  static void check_range(double number, const FieldInfo& info) {
    if (number < info.min || number > info.max)
      throw std::invalid_argument(fmt::format("{:.12g} to {:.12g}", info.min, info.max));
  }

  static void set(const Value& value, std::int64_t& member, const FieldInfo& info) {
    const std::string text = scalar(value, "an integer");
    std::int64_t number = 0;
    if (!YAML::convert<std::int64_t>::decode(value.node, number) || text.find_first_of(".eExX") != std::string::npos)
      throw std::invalid_argument("an integer");
    check_range(static_cast<double>(number), info);
    member = number;
  }
  static void set(const Value& value, double& member, const FieldInfo& info) {
    scalar(value, "a number");
    double number = 0;
    if (!YAML::convert<double>::decode(value.node, number) || !std::isfinite(number))
      throw std::invalid_argument("a finite number");
    check_range(number, info);
    member = number;
  }
  static void set(const Value& value, std::string& member, const FieldInfo& info) {
    const std::string text = scalar(value, "a word");
    if (!info.choices.empty() && std::find(info.choices.begin(), info.choices.end(), text) == info.choices.end())
      throw std::invalid_argument(fmt::format("one of {}", fmt::join(info.choices, ", ")));
    member = text;
  }
  static void set(const Value& value, fs::path& member, const FieldInfo&) {
    const std::string text = value.node.IsNull() ? "" : scalar(value, "a path");
    member = text.empty() ? fs::path() : (value.origin->base / text).lexically_normal();
  }
  static void set(const Value& value, std::vector<std::int64_t>& member, const FieldInfo& info) {
    const auto expected = fmt::format("a list of {} integers", info.length);
    if (!value.node.IsSequence() || (info.length > 0 && value.node.size() != info.length))
      throw std::invalid_argument(expected);
    std::vector<std::int64_t> numbers;
    for (const auto& element : value.node) set({element, value.origin}, numbers.emplace_back(), info);
    member = numbers;
  }
  template <class T>
  static void set(const Value& value, std::optional<T>& member, const FieldInfo& info) {
    if (value.node.IsNull()) return member.reset();
    set(value, member.emplace(), info);
  }

  Reader& reader_;
  std::string section_;
};

/// What no field can check by itself.
void check_across(const Config& config, Reader& reader, const std::string& file) {
  const auto where = [&](const std::string& path) {
    const auto given = reader.values.find(path);
    return given == reader.values.end() ? file : position(*given->second.origin, given->second.node.Mark());
  };
  const auto require = [&](bool ok, const std::string& path, const std::string& what) {
    if (!ok) reader.problem(where(path), path + ": " + what);
  };
  require(!config.style.image.empty(), "style.image", "is required: the style picture");
  require(!config.data.train.empty(), "data.train", "is required: a folder of photos to train on");
  require(config.data.crop % 4 == 0, "data.crop", fmt::format("expected a multiple of 4, found {}", config.data.crop));
  require(config.data.window_max >= config.data.crop, "data.window_max",
          fmt::format("expected data.crop ({}) or more, found {}", config.data.crop, config.data.window_max));
  try {
    const NetFamily family = config.net.family();
    const std::int64_t smallest = std::min(config.data.crop, config.data.held_out_size / 4 * 4);
    require(smallest >= family.min_side(), "data.crop",
            fmt::format("expected {} or more for net.kernel {}", family.min_side(), family.kernel));
  } catch (const UsageError& error) {
    reader.problem(where("net.kernel"), error.what());
  }
}

}  // namespace

Config parse_config(const std::string& yaml, const std::string& name, const fs::path& base,
                    const std::vector<std::string>& overrides) {
  Reader reader;
  const Origin file{name, fs::absolute(base)};
  try {
    reader.read(YAML::Load(yaml), file);
  } catch (const YAML::Exception& error) {
    reader.problem(position(file, error.mark), "not YAML: " + error.msg);
  }
  std::vector<std::unique_ptr<Origin>> origins;
  for (const std::string& text : overrides) {
    const auto equals = text.find('='), dot = text.find('.');
    if (equals == std::string::npos || dot == std::string::npos || dot > equals) {
      reader.problem("--set " + text, "expected section.key=value");
      continue;
    }
    const std::string section = text.substr(0, dot), key = text.substr(dot + 1, equals - dot - 1);
    origins.push_back(std::make_unique<Origin>(Origin{"--set " + text.substr(0, equals), fs::current_path(), false}));
    try {
      YAML::Node root;
      root[section][key] = YAML::Load(text.substr(equals + 1));
      reader.read(root, *origins.back());
    } catch (const YAML::Exception& error) {
      reader.problem(origins.back()->name, "not YAML: " + error.msg);
    }
  }
  Config config;
  config.run.folder = (file.base / config.run.folder).lexically_normal();
  Binder binder(reader);
  config.visit(binder);
  if (reader.problems.empty()) check_across(config, reader, name);
  if (!reader.problems.empty()) throw UsageError("{}", fmt::join(reader.problems, "\n"));
  return config;
}

Config load_config(const fs::path& file, const std::vector<std::string>& overrides) {
  return parse_config(read_file(file), file.string(), fs::absolute(file).parent_path(), overrides);
}

}  // namespace pocketstyle::config

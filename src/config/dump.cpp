// SPDX-License-Identifier: Apache-2.0
#include "config/field_text.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"

#include <yaml-cpp/yaml.h>

namespace pocketstyle::config {
namespace {

std::string yaml_text(std::int64_t value) {
  return std::to_string(value);
}
std::string yaml_text(double value) {
  return fmt::format("{}", value);
}
std::string yaml_text(const std::string& value) {
  YAML::Emitter out;
  out << value;
  return out.c_str();
}
std::string yaml_text(const std::filesystem::path& value) {
  return value.empty() ? "\"\"" : yaml_text(value.string());
}
std::string yaml_text(bool value) {
  return value ? "true" : "false";
}
std::string yaml_text(const std::vector<std::filesystem::path>& value) {
  YAML::Emitter out;
  out << YAML::Flow << YAML::BeginSeq;
  for (const auto& path : value) out << path.string();
  out << YAML::EndSeq;
  return out.c_str();
}
template <class T>
std::string yaml_text(const std::vector<T>& value) {
  std::vector<std::string> elements;
  for (const T& element : value) elements.push_back(yaml_text(element));
  return fmt::format("[{}]", fmt::join(elements, ", "));
}

/// What may stand there, in brackets.
std::string limits(const FieldInfo& info) {
  if (!info.choices.empty()) return fmt::format(" ({})", fmt::join(info.choices, " | "));
  const std::string range = range_text(info);
  return range.empty() ? "" : " (" + range + ")";
}

class Dumper {
 public:
  explicit Dumper(bool comments) : comments_(comments) {}

  template <class S>
  void section(std::string_view name, S& value, std::string_view help) {
    out += fmt::format("{}{}:{}\n", out.empty() || !comments_ ? "" : "\n", name,
                       comments_ ? fmt::format("  # {}", help) : "");
    value.visit(*this);
  }

  template <class T>
  void field(std::string_view name, T& member, const FieldInfo& info) {
    line(fmt::format("  {}: {}", name, yaml_text(member)), info);
  }
  /// Not set: the preset decides. Shown commented out, so that it can be found.
  template <class T>
  void field(std::string_view name, std::optional<T>& member, const FieldInfo& info) {
    if (member)
      field(name, *member, info);
    else if (comments_)
      line(fmt::format("  # {}:", name), info);
  }

  std::string out;

 private:
  void line(const std::string& text, const FieldInfo& info) {
    constexpr std::size_t kColumn = 28;
    out += comments_ ? fmt::format("{:<{}}  # {}{}\n", text, kColumn, info.help, limits(info)) : text + "\n";
  }
  bool comments_;
};

}  // namespace

std::string to_yaml(const Config& config, bool comments) {
  Dumper dumper(comments);
  Config copy = config;  // the visitor is shared with the loader, which writes
  copy.visit(dumper);
  return dumper.out;
}

}  // namespace pocketstyle::config

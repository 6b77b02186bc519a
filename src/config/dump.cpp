// SPDX-License-Identifier: Apache-2.0
#include "config/field_text.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <type_traits>
#include <vector>

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
/// File names are bytes. yaml-cpp's emitter replaces bytes that are not UTF-8, and the file would not be found again,
/// so names with such bytes are quoted here. `special`: characters that need quotes as well.
std::string path_text(const std::filesystem::path& path, std::string_view special) {
  const std::string bytes = path.string();
  const bool needs_quotes = std::any_of(bytes.begin(), bytes.end(), [&](unsigned char c) {
    return c >= 0x80 || special.find(static_cast<char>(c)) != std::string_view::npos;
  });
  const bool has_control =
      std::any_of(bytes.begin(), bytes.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; });
  if (bytes.empty() || !needs_quotes || has_control) return bytes.empty() ? "\"\"" : yaml_text(bytes);
  std::string quoted;
  for (const char c : bytes) quoted += c == '\'' ? "''" : std::string(1, c);
  return "'" + quoted + "'";
}
std::string yaml_text(const std::filesystem::path& value) {
  return path_text(value, "");
}
std::string yaml_text(bool value) {
  return value ? "true" : "false";
}
std::string yaml_text(const std::vector<std::filesystem::path>& value) {
  std::vector<std::string> elements;
  for (const auto& path : value) elements.push_back(path_text(path, ",[]{}"));
  return fmt::format("[{}]", fmt::join(elements, ", "));
}
template <class T>
std::string yaml_text(const std::vector<T>& value) {
  std::vector<std::string> elements;
  for (const T& element : value) elements.push_back(yaml_text(element));
  return fmt::format("[{}]", fmt::join(elements, ", "));
}

/// The allowed values, in parentheses.
std::string limits(const FieldInfo& info) {
  if (!info.choices.empty()) return fmt::format(" ({})", fmt::join(info.choices, " | "));
  const std::string range = range_text(info);
  return range.empty() ? "" : " (" + range + ")";
}

template <class T>
constexpr bool kIsPath =
    std::is_same_v<T, std::filesystem::path> || std::is_same_v<T, std::vector<std::filesystem::path>>;

class Dumper {
 public:
  explicit Dumper(bool comments, bool shared_only = false) : comments_(comments), shared_only_(shared_only) {}

  template <class S>
  void section(std::string_view name, S& value, std::string_view help) {
    out += fmt::format("{}{}:{}\n", out.empty() || !comments_ ? "" : "\n", name,
                       comments_ ? fmt::format("  # {}", help) : "");
    value.visit(*this);
  }

  template <class T>
  void field(std::string_view name, T& member, const FieldInfo& info) {
    if (shared_only_ && (kIsPath<T> || info.per_process)) return;
    line(fmt::format("  {}: {}", name, yaml_text(member)), info);
  }
  /// Unset: the preset decides. Shown commented out, so that users can find it.
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
  bool comments_, shared_only_;
};

std::string dump(const Config& config, Dumper dumper) {
  Config copy = config;  // the visitor is shared with the loader, which writes
  copy.visit(dumper);
  return dumper.out;
}

}  // namespace

std::string to_yaml(const Config& config, bool comments) {
  return dump(config, Dumper(comments));
}

std::string shared_yaml(const Config& config) {
  return dump(config, Dumper(/*comments=*/false, /*shared_only=*/true));
}

}  // namespace pocketstyle::config

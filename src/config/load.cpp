// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/config/load.h"

#include "config/field_text.h"
#include "config/reader.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/home_folder.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace pocketstyle::config {
namespace fs = std::filesystem;
namespace {

/// A value that does not match its field.
struct Mismatch {
  std::string expected, found;
  YAML::Mark mark;
};

/// Stores the values in a Config, checking each against its FieldInfo.
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
    try {
      set(given->second, member, info);
    } catch (const Mismatch& mismatch) {
      reader_.wrong.insert(path);
      reader_.problem(given->second.origin.position(mismatch.mark),
                      fmt::format("{}: expected {}, found {}", path, mismatch.expected, mismatch.found));
    }
  }

 private:
  [[noreturn]] static void fail(const Value& value, const std::string& expected) {
    throw Mismatch{expected, text_of(value.node), value.mark};
  }
  static std::string scalar(const Value& value, const char* expected) {
    if (!value.node.IsScalar()) fail(value, expected);
    return value.node.Scalar();
  }
  static void check_range(const Value& value, double number, const FieldInfo& info) {
    if (number >= info.min && number <= info.max) return;
    const std::string expected = number < info.min ? range_text(info) : number_text(info.max) + " or less";
    throw Mismatch{info.max < kMany ? range_text(info) : expected, value.node.Scalar(), value.mark};
  }

  /// Whether `text` is a whole number with an exponent, such as 1e3; `number` is then that.
  static bool is_whole(const std::string& text, std::int64_t& number) {
    constexpr double kMost = 1e15;  // doubles hold every integer up to here
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.find_first_of("eE") == std::string::npos ||
        std::trunc(value) != value || std::abs(value) > kMost)
      return false;
    number = static_cast<std::int64_t>(value);
    return true;
  }
  static void set(const Value& value, std::int64_t& member, const FieldInfo& info) {
    const std::string text = scalar(value, "an integer");
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (end != text.data() + text.size() && is_whole(text, number))
      error = std::errc(), end = text.data() + text.size();
    if (error == std::errc::invalid_argument || end != text.data() + text.size()) fail(value, "an integer");
    const double far = text.front() == '-' ? -HUGE_VAL : HUGE_VAL;
    check_range(value, error == std::errc() ? static_cast<double>(number) : far, info);
    member = number;
  }
  static void set(const Value& value, double& member, const FieldInfo& info) {
    scalar(value, "a number");
    double number = 0;
    if (!YAML::convert<double>::decode(value.node, number) || !std::isfinite(number)) fail(value, "a finite number");
    check_range(value, number, info);
    member = number;
  }
  static void set(const Value& value, std::string& member, const FieldInfo& info) {
    const std::string text = scalar(value, "a word");
    if (!info.choices.empty() && std::find(info.choices.begin(), info.choices.end(), text) == info.choices.end())
      fail(value, fmt::format("one of {}", fmt::join(info.choices, ", ")));
    member = text;
  }
  static void set(const Value& value, fs::path& member, const FieldInfo& info) {
    const std::string text = value.node.IsNull() ? "" : scalar(value, "a path");
    const bool is_word = std::find(info.choices.begin(), info.choices.end(), text) != info.choices.end();
    member = text.empty() || is_word ? fs::path(text) : (value.origin.base / expand_home(text)).lexically_normal();
  }
  static void set(const Value& value, bool& member, const FieldInfo&) {
    if (!value.node.IsScalar() || !YAML::convert<bool>::decode(value.node, member)) fail(value, "true or false");
  }
  static const char* elements(const std::vector<std::int64_t>&) { return "integers such as [32, 64, 128]"; }
  static const char* elements(const std::vector<double>&) { return "numbers such as [0.7, 0.3]"; }
  static const char* elements(const std::vector<fs::path>&) { return "paths such as [a.jpg, b.jpg]"; }
  template <class T>
  static void set(const Value& value, std::vector<T>& member, const FieldInfo& info) {
    if (!value.node.IsSequence() || (info.length > 0 && value.node.size() != info.length)) {
      const std::string count = info.length > 0 ? fmt::format("{} ", info.length) : "";
      fail(value, fmt::format("a list of {}{}", count, elements(member)));
    }
    std::vector<T> list;
    for (const auto& element : value.node) set(Value{element, value.origin, element.Mark()}, list.emplace_back(), info);
    member = list;
  }
  template <class T>
  static void set(const Value& value, std::optional<T>& member, const FieldInfo& info) {
    T given{};
    if (!value.node.IsNull()) set(value, given, info);
    member = value.node.IsNull() ? std::optional<T>() : given;
  }

  Reader& reader_;
  std::string section_;
};

/// The rules that involve several fields.
class CrossRules {
 public:
  CrossRules(Reader& reader, std::string file) : reader_(reader), file_(std::move(file)) {}

  void check_required(const Config& config) {
    require(!config.style.image.empty(), "style.image", {}, "is required: the style picture");
    require(!config.data.train.empty(), "data.train", {}, "is required: a folder of photos to train on");
  }

  void check(const Config& config) {
    const NetConfig& net = config.net;
    const DataConfig& data = config.data;
    require(data.crop % 4 == 0, "data.crop", {}, fmt::format("expected a multiple of 4, found {}", data.crop));
    const std::int64_t smallest = data.small_crop > 0 ? data.small_crop : data.crop;
    require(
        data.small_crop == 0 || (data.small_crop % 4 == 0 && data.small_crop >= 16 && data.small_crop <= data.crop),
        "data.small_crop", "data.crop",
        fmt::format("expected 0 or a multiple of 4 from 16 to data.crop ({}), found {}", data.crop, data.small_crop));
    require(config.train.minutes == 0 || data.small_crop == 0, "train.minutes", "data.small_crop",
            "expected 0 with data.small_crop, whose steps differ in speed");
    require(data.window_max >= data.crop, "data.window_max", "data.crop",
            fmt::format("expected data.crop ({}) or more, found {}", data.crop, data.window_max));
    const std::size_t pictures = 1 + config.style.more.size();
    require(config.style.weights.empty() || config.style.weights.size() == pictures, "style.weights", "style.more",
            fmt::format("expected one number per style picture ({}), found {}", pictures, config.style.weights.size()));
    require(config.style.weights.empty() || sum(config.style.weights) > 0, "style.weights", {},
            "expected one above 0, found none");
    require(config.temporal.weight == 0 || config.temporal.noise > 0 || config.temporal.shift > 0, "temporal.weight",
            {}, "expected temporal.noise or temporal.shift above 0 as well");
    require(config.temporal.weight == 0 || 2 * config.temporal.shift <= smallest, "temporal.shift", "data.crop",
            fmt::format("expected half of the smallest crop ({}) or less, found {}", smallest, config.temporal.shift));
    require(net.kernel.value_or(1) % 2 == 1, "net.kernel", {},
            fmt::format("expected an odd number, found {}", net.kernel.value_or(1)));
    if (reader_.wrong.contains("net.preset") || reader_.wrong.contains("net.block")) return;
    const BlockKind block = net.block ? block_kind_from_string(*net.block) : preset_of(net).block;
    require(!uses_mid(block) || net.mid || preset_of(net).mid > 0, "net.mid", "net.block",
            fmt::format("is required: the preset {} has none, and {} blocks use it", net.preset, to_string(block)));
  }

 private:
  static double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }
  static const Architecture& preset_of(const NetConfig& net) { return find_preset(net.preset).architecture; }

  /// Skips values that are already known to be wrong.
  void require(bool ok, const std::string& path, const std::string& other, const std::string& what) {
    if (ok || reader_.wrong.contains(path) || reader_.wrong.contains(other)) return;
    const auto given = reader_.values.find(path);
    reader_.problem(given == reader_.values.end() ? file_ : given->second.position(), path + ": " + what);
  }

  Reader& reader_;
  std::string file_;
};

/// An override of steps or minutes replaces the other one in the file. Within a file minutes take precedence: the
/// config.yaml of a run with a time limit has both.
void choose_length(Reader& reader) {
  const auto steps = reader.values.find("train.steps"), minutes = reader.values.find("train.minutes");
  if (steps == reader.values.end() || steps->second.origin.has_lines) return;
  if (minutes == reader.values.end() || minutes->second.node.as<double>(1) == 0) return;
  if (minutes->second.origin.has_lines)
    reader.values.erase(minutes);
  else
    reader.problem(steps->second.position(), "train.steps: given together with train.minutes, expected one of them");
}

Config bind(Reader& reader, Config config, const std::string& name, bool with_required) {
  choose_length(reader);
  Binder binder(reader);
  config.visit(binder);
  CrossRules rules(reader, name);
  if (reader.is_readable && with_required) rules.check_required(config);
  if (reader.is_readable) rules.check(config);
  if (!reader.problems.empty()) throw UsageError("{}", fmt::join(reader.problems, "\n"));
  return config;
}

}  // namespace

Config parse_config(const std::string& yaml, const std::string& name, const fs::path& base,
                    const std::vector<std::string>& overrides) {
  Reader reader;
  const Origin file{name, fs::absolute(base)};
  reader.read_text(yaml, file);
  for (const std::string& text : overrides) reader.read_override(text);
  Config config;
  config.run.folder = (file.base / config.run.folder).lexically_normal();
  return bind(reader, std::move(config), name, /*with_required=*/true);
}

Config template_config(const std::vector<std::string>& overrides) {
  Reader reader;
  for (const std::string& text : overrides) reader.read_override(text);
  return bind(reader, Config{}, "--set", /*with_required=*/false);
}

Config load_config(const fs::path& file, const std::vector<std::string>& overrides) {
  return parse_config(read_file(file), file.string(), fs::absolute(file).parent_path(), overrides);
}

}  // namespace pocketstyle::config

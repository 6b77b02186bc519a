// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/formats/formats.h"

#include "support/catch.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <nlohmann/json.hpp>

#include <set>

using namespace pocketstyle;
using namespace pocketstyle::formats;
using testing::contains;
using testing::error_of;

namespace {

std::string repository_file(const std::string& path) {
  return read_file(std::string(POCKETSTYLE_TEST_DATA "/../../") + path);
}

std::string listed(const PrecisionSet& precisions) {
  std::vector<std::string> names;
  for (const Precision precision : kPrecisions)
    if (precisions.contains(precision)) names.push_back(to_string(precision));
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

TEST_CASE("every format has one row, and its name leads back to it") {
  std::set<std::string_view> names;
  std::size_t i = 0;
  for (const FormatSpec& spec : all_formats()) {
    CHECK(static_cast<std::size_t>(spec.format) == i++);
    CHECK(names.insert(spec.name).second);
    CHECK(find_format(spec.name) == &spec);
    CHECK(format_from_string(spec.name) == spec.format);
    for (const Precision precision : kPrecisions)
      if (spec.published.contains(precision)) CHECK(spec.precisions.contains(precision));
  }
  CHECK(every_format().size() == i);
  CHECK(spec_of(Format::onnx_rgba).kind() == "onnx");
  CHECK(spec_of(Format::ptl).kind() == "ptl");
  CHECK(spec_of(Format::tflite_rgba).kind() == "tflite");
  CHECK(find_format("mlmodel") == nullptr);
  CHECK(contains(error_of([] { format_from_string("mlmodel"); }), "usage: export format 'mlmodel': expected pt, ptl"));
  CHECK(contains(error_of([] { precision_from_string("int4"); }), "expected fp32, fp16, int8, int8-static"));
}

TEST_CASE("the document has the table") {
  const std::string document = repository_file("docs/export.md");
  for (const FormatSpec& spec : all_formats()) {
    const std::string row = fmt::format("| `{0}` | `NAME.{0}` | {1} | {2} | {3} | {4} |\n", spec.name, spec.takes,
                                        spec.used_by, listed(spec.precisions), spec.runtimes);
    INFO(row);
    CHECK(contains(document, row));
  }
}

TEST_CASE("the server's interface and the app know what is published") {
  std::set<std::string> kinds, ios, precisions;
  const FormatSpec* for_app = nullptr;
  for (const FormatSpec& spec : all_formats()) {
    if (spec.published.empty()) continue;
    kinds.insert(std::string(spec.kind()));
    ios.insert(to_string(spec.io));
    for (const Precision precision : kPrecisions)
      if (spec.published.contains(precision)) precisions.insert(to_string(precision));
    if (spec.kind() == "onnx" && spec.io == PictureIo::rgba_hwc) for_app = &spec;
  }
  const auto file = nlohmann::json::parse(repository_file("src/serve/openapi.json"))
                        .at("/components/schemas/ModelFile/properties"_json_pointer);
  CHECK(file.at("kind").at("enum").get<std::set<std::string>>() == kinds);
  CHECK(file.at("io").at("enum").get<std::set<std::string>>() == ios);
  CHECK(file.at("precision").at("enum").get<std::set<std::string>>() == precisions);

  REQUIRE(for_app != nullptr);
  const std::string app = repository_file("web/src/catalog.ts");
  CHECK(contains(app, "file.kind === 'onnx' && file.io === 'rgba'"));
  std::string list = "PRECISIONS = [";
  for (const Precision precision : kPrecisions)
    if (for_app->published.contains(precision)) list += fmt::format("'{}', ", to_string(precision));
  CHECK(contains(app, list.substr(0, list.size() - 2) + "]"));
}

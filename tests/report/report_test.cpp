// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/report/report.h"

#include "support/catch.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/network/layer_table.h"

#include <nlohmann/json.hpp>

#include <cstdlib>

using namespace pocketstyle;
using testing::contains;

namespace {

report::Report report_of(const std::string& net) {
  report::Report report;
  report.net = {net, config::find_preset(net).architecture, {}, {}};
  report.baseline = {"original", config::find_preset("original").architecture, {}, {}};
  return report;
}

}  // namespace

TEST_CASE("the report is as approved") {
  const std::string preset = GENERATE(values<std::string>({"original", "bottleneck"}));
  const std::string path = POCKETSTYLE_TEST_DATA "/approved/report_" + preset + ".md";
  const std::string found = report::to_markdown(report_of(preset));
  if (std::getenv("POCKETSTYLE_APPROVE") != nullptr) write_file_atomically(path, found);
  CHECK(found == read_file(path));
}

TEST_CASE("the printed and the computed totals of the paper are both said") {
  const std::string text = report::to_text(report_of("bottleneck"));
  for (const char* part : {"363,712", "466,112", "78.3%", "72.2%", "3.59x", "1,674,432", "20.09 MB", "4.36 MB", "4.56"})
    CHECK(contains(text, part));
}

TEST_CASE("JSON has the totals, every layer, and times only if there are any") {
  report::Report report = report_of("mini");
  auto json = nlohmann::json::parse(report::to_json(report));
  CHECK(json["net"]["parameters"] == 200475);
  CHECK(json["net"]["inference_bytes"] == 4 * 200475);
  CHECK(json["net"]["layers"].size() == network::layer_table(report.net.architecture, 256, 256).size());
  CHECK_FALSE(json["compression"].contains("speed_up"));
  report.net.latency = results::Latency{10, 12};
  report.baseline.latency = results::Latency{40, 50};
  report.threads = 2;
  json = nlohmann::json::parse(report::to_json(report));
  CHECK(json["compression"]["speed_up"] == 4.0);
  CHECK(json["paper"]["sum_of_printed_rows_after"] == 466112);
  CHECK(json["paper"]["printed_rows"].size() == 11);
  CHECK(contains(report::to_text(report), "4.00x"));
}

TEST_CASE("a file's measured size stands beside the computed ones, with what it is") {
  report::Report report = report_of("micro");
  CHECK_FALSE(contains(report::to_text(report), "measured"));
  CHECK_FALSE(contains(report::to_text(report), "Measured"));
  report.net.file = results::MeasuredFile{"checkpoint", 1407364};
  CHECK(contains(report::to_text(report), "Measured: micro (checkpoint) has 1,407,364 bytes."));
  CHECK(nlohmann::json::parse(report::to_json(report))["net"]["file"]["bytes"] == 1407364);
}

TEST_CASE("the text table is aligned") {
  const std::string text = report::to_text(report_of("original"));
  const auto line_with = [&](const std::string& part) {
    const auto start = text.find("\n" + part) + 1;
    return text.substr(start, text.find('\n', start) - start);
  };
  CHECK(line_with("conv2").size() == line_with("res1.conv2").size());
  CHECK(line_with("conv2").size() == line_with("total").size());
}

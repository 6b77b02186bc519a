// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/report/report.h"

#include "support/catch.h"

#include "pocketstyle/core/files.h"

#include <nlohmann/json.hpp>

#include <cstdlib>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

report::Report report_of(const std::string& net) {
  report::Report report;
  report.net = {net, config::find_preset(net).architecture, {}, {}};
  report.baseline = {"original", config::find_preset("original").architecture, {}, {}};
  return report;
}

}  // namespace

TEST_CASE("parameters and multiply-accumulates are those of the design", "[golden]") {
  struct Case {
    std::string preset;
    std::int64_t parameters;
    std::string gmac_at_256;
  };
  const Case c = GENERATE(values<Case>({{"original", 1677635, "10.08"},
                                        {"bottleneck", 469315, "5.13"},
                                        {"slim", 354595, "2.38"},
                                        {"mini", 200475, "1.37"},
                                        {"micro", 116643, "1.18"}}));
  const auto sum = report::totals(report::layer_table(config::find_preset(c.preset).architecture, 256, 256));
  INFO(c.preset);
  CHECK(sum.parameters == c.parameters);
  CHECK(fmt::format("{:.2f}", static_cast<double>(sum.macs) / 1e9) == c.gmac_at_256);
}

TEST_CASE("the paper's rows are ours", "[golden]") {
  const auto before = report::paper_rows(report::layer_table(config::find_preset("original").architecture, 256, 256));
  const auto after = report::paper_rows(report::layer_table(config::find_preset("bottleneck").architecture, 256, 256));
  const std::vector<std::pair<std::string, std::int64_t>> head = {{"Conv1", 7776}, {"Conv2", 18432}, {"Conv3", 73728}};
  REQUIRE(before.size() == 11);
  for (std::size_t i = 0; i < head.size(); ++i) CHECK(before[i] == head[i]);
  CHECK(before[3] == std::pair<std::string, std::int64_t>{"Res1", 294912});
  CHECK(after[7] == std::pair<std::string, std::int64_t>{"Res5", 53248});
  CHECK(before[10] == std::pair<std::string, std::int64_t>{"Deconv3", 7776});
  CHECK(report::layer_table(config::find_preset("mini").architecture, 64, 64)[0].kernel_parameters == 5 * 5 * 3 * 12);
}

TEST_CASE("each layer is as worked out by hand", "[golden]") {
  const auto rows = report::layer_table(config::find_preset("bottleneck").architecture, 256, 256);
  REQUIRE(rows.size() == 3 * 2 + 5 * 3 * 2 + 2 * 2 + 1);
  struct Case {
    std::size_t row;
    std::string name;
    std::int64_t parameters, macs;
  };
  const Case c = GENERATE(values<Case>({{0, "conv1", 7776, 509607936},        // 9*9*3*32 * 256*256
                                        {1, "in1", 64, 0},                    // 2*32
                                        {2, "conv2", 18432, 301989888},       // 3*3*32*64 * 128*128
                                        {6, "res1.conv1", 8192, 33554432},    // 128*64 * 64*64
                                        {8, "res1.conv2", 36864, 150994944},  // 3*3*64*64 * 64*64
                                        {10, "res1.conv3", 8192, 33554432},   // 64*128 * 64*64
                                        {35, "res5.in3", 256, 0},             // 2*128
                                        {36, "deconv1", 73728, 1207959552},   // 3*3*128*64 * 128*128
                                        {40, "deconv3", 7779, 509607936}}));  // 9*9*32*3 + 3, * 256*256
  INFO(c.name);
  CHECK(rows[c.row].name == c.name);
  CHECK(rows[c.row].parameters == c.parameters);
  CHECK(rows[c.row].macs == c.macs);
}

TEST_CASE("a architecture without blocks has a table too") {
  config::Architecture architecture = config::find_preset("micro").architecture;
  architecture.blocks = 0;
  const auto rows = report::layer_table(architecture, 16, 16);
  CHECK(rows.size() == 11);
  CHECK(report::paper_rows(rows).size() == 6);
}

TEST_CASE("odd sizes go down rounding up and come back") {
  const auto rows = report::layer_table(config::find_preset("micro").architecture, 33, 50);
  CHECK(rows[2].out_height == 17);
  CHECK(rows[4].out_height == 9);
  CHECK(rows[4].out_width == 13);
  CHECK(rows.back().out_height == 33);
  CHECK(rows.back().out_width == 50);
  CHECK(contains(error_of([] { report::layer_table(config::find_preset("micro").architecture, 4, 50); }),
                 "5 pixels or more"));
}

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
  CHECK(json["net"]["layers"].size() == report::layer_table(report.net.architecture, 256, 256).size());
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

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/network/layer_table.h"

#include "support/catch.h"

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

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
                                        {"micro", 110803, "0.92"},
                                        {"pocket", 110531, "0.78"}}));
  const auto sum = network::totals(network::layer_table(config::find_preset(c.preset).architecture, 256, 256));
  INFO(c.preset);
  CHECK(sum.parameters == c.parameters);
  CHECK(fmt::format("{:.2f}", static_cast<double>(sum.macs) / 1e9) == c.gmac_at_256);
}

TEST_CASE("the paper's rows are ours", "[golden]") {
  const auto before = network::paper_rows(network::layer_table(config::find_preset("original").architecture, 256, 256));
  const auto after =
      network::paper_rows(network::layer_table(config::find_preset("bottleneck").architecture, 256, 256));
  const std::vector<std::pair<std::string, std::int64_t>> head = {{"Conv1", 7776}, {"Conv2", 18432}, {"Conv3", 73728}};
  REQUIRE(before.size() == 11);
  for (std::size_t i = 0; i < head.size(); ++i) CHECK(before[i] == head[i]);
  CHECK(before[3] == std::pair<std::string, std::int64_t>{"Res1", 294912});
  CHECK(after[7] == std::pair<std::string, std::int64_t>{"Res5", 53248});
  CHECK(before[10] == std::pair<std::string, std::int64_t>{"Deconv3", 7776});
  CHECK(network::layer_table(config::find_preset("mini").architecture, 64, 64)[0].kernel_parameters == 5 * 5 * 3 * 12);
}

TEST_CASE("each layer is as worked out by hand", "[golden]") {
  const auto rows = network::layer_table(config::find_preset("bottleneck").architecture, 256, 256);
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

TEST_CASE("a depthwise convolution reads one channel for each that it makes") {
  const config::Architecture architecture{5, {16, 32, 64}, config::BlockKind::separable, 1, 96};
  const auto row = network::layer_table(architecture, 256, 256)[8];
  CHECK(row.name == "res1.conv2");
  CHECK(row.type == "depthwise conv");
  CHECK(row.parameters == 3 * 3 * 96);
  CHECK(row.macs == 3 * 3 * 96 * 64 * 64);
}

TEST_CASE("an architecture without blocks has a table too") {
  config::Architecture architecture = config::find_preset("micro").architecture;
  architecture.blocks = 0;
  const auto rows = network::layer_table(architecture, 16, 16);
  CHECK(rows.size() == 11);
  CHECK(network::paper_rows(rows).size() == 6);
}

TEST_CASE("odd sizes go down rounding up and come back") {
  const auto rows = network::layer_table(config::find_preset("micro").architecture, 33, 50);
  CHECK(rows[2].out_height == 17);
  CHECK(rows[4].out_height == 9);
  CHECK(rows[4].out_width == 13);
  CHECK(rows.back().out_height == 33);
  CHECK(rows.back().out_width == 50);
  CHECK(contains(error_of([] { network::layer_table(config::find_preset("micro").architecture, 4, 50); }),
                 "5 pixels or more"));
}

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/report/layer_table.h"

#include "pocketstyle/core/error.h"

#include <algorithm>
#include <cctype>

namespace pocketstyle::report {
namespace {

struct Size {
  std::int64_t height, width;
  [[nodiscard]] Size half() const { return {(height + 1) / 2, (width + 1) / 2}; }
};

class Table {
 public:
  void conv(const std::string& name, std::int64_t in, std::int64_t out, std::int64_t kernel, Size size,
            std::int64_t stride = 1, bool upsample = false, bool bias = false) {
    LayerRow row{name, upsample ? "upsample x2 + conv" : "conv", kernel, stride, in, out, size.height, size.width};
    row.kernel_parameters = kernel * kernel * in * out;
    row.parameters = row.kernel_parameters + (bias ? out : 0);
    row.macs = row.kernel_parameters * size.height * size.width;
    rows.push_back(row);
  }
  void norm(const std::string& name, std::int64_t channels, Size size) {
    LayerRow row{name, "instance norm", 0, 0, channels, channels, size.height, size.width};
    row.parameters = 2 * channels;
    rows.push_back(row);
  }
  std::vector<LayerRow> rows;
};

}  // namespace

std::vector<LayerRow> layer_table(const config::Architecture& architecture, std::int64_t height, std::int64_t width) {
  config::check(architecture);
  if (std::min(height, width) < architecture.min_side())
    throw UsageError("size {}x{}: this network takes sides of {} pixels or more", height, width,
                     architecture.min_side());
  const auto [wide, middle, deep] = architecture.widths;
  const Size full{height, width}, half = full.half(), quarter = half.half();
  Table table;
  table.conv("conv1", 3, wide, architecture.kernel, full);
  table.norm("in1", wide, full);
  table.conv("conv2", wide, middle, 3, half, 2);
  table.norm("in2", middle, half);
  table.conv("conv3", middle, deep, 3, quarter, 2);
  table.norm("in3", deep, quarter);
  const bool bottleneck = architecture.block == config::BlockKind::bottleneck;
  const std::vector<std::int64_t> kernels =
      bottleneck ? std::vector<std::int64_t>{1, 3, 1} : std::vector<std::int64_t>{3, 3};
  for (std::int64_t block = 1; block <= architecture.blocks; ++block) {
    std::int64_t in = deep;
    for (std::size_t i = 0; i < kernels.size(); ++i) {
      const std::int64_t out = bottleneck && i + 1 < kernels.size() ? architecture.mid : deep;
      table.conv(fmt::format("res{}.conv{}", block, i + 1), in, out, kernels[i], quarter);
      table.norm(fmt::format("res{}.in{}", block, i + 1), out, quarter);
      in = out;
    }
  }
  table.conv("deconv1", deep, middle, 3, half, 1, /*upsample=*/true);
  table.norm("in4", middle, half);
  table.conv("deconv2", middle, wide, 3, full, 1, /*upsample=*/true);
  table.norm("in5", wide, full);
  table.conv("deconv3", wide, 3, architecture.kernel, full, 1, false, /*bias=*/true);
  return table.rows;
}

Totals totals(const std::vector<LayerRow>& rows) {
  Totals sum;
  for (const LayerRow& row : rows) {
    sum.parameters += row.parameters;
    sum.kernel_parameters += row.kernel_parameters;
    sum.macs += row.macs;
  }
  return sum;
}

Totals totals(const config::Architecture& architecture, std::int64_t height, std::int64_t width) {
  return totals(layer_table(architecture, height, width));
}

std::vector<std::pair<std::string, std::int64_t>> paper_rows(const std::vector<LayerRow>& rows) {
  std::vector<std::pair<std::string, std::int64_t>> result;
  for (const LayerRow& row : rows) {
    if (row.kernel_parameters == 0) continue;
    std::string name = row.name.substr(0, row.name.find('.'));
    name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
    if (result.empty() || result.back().first != name) result.emplace_back(name, 0);
    result.back().second += row.kernel_parameters;
  }
  return result;
}

}  // namespace pocketstyle::report

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/network/layer_table.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/network/layers.h"

#include <algorithm>
#include <cctype>

namespace pocketstyle::network {
namespace {

const char* type_of(const Layer& layer) {
  return layer.doubles ? "upsample x2 + conv" : layer.groups > 1 ? "depthwise conv" : "conv";
}

}  // namespace

std::vector<LayerRow> layer_table(const config::Architecture& architecture, std::int64_t height, std::int64_t width) {
  const std::vector<Layer> all = layers(architecture);
  if (std::min(height, width) < min_side(all))
    throw UsageError("size {}x{}: this network needs sides of {} pixels or more", height, width, min_side(all));
  std::vector<LayerRow> rows;
  for (const Layer& layer : all) {
    LayerRow row{.name = layer.name,
                 .type = type_of(layer),
                 .kernel = layer.kernel,
                 .stride = layer.stride,
                 .in_channels = layer.in,
                 .out_channels = layer.out,
                 .out_height = side_at(height, layer.level),
                 .out_width = side_at(width, layer.level)};
    row.kernel_parameters = layer.kernel_parameters();
    row.parameters = row.kernel_parameters + (layer.bias ? layer.out : 0);
    row.macs = row.kernel_parameters * row.out_height * row.out_width;
    rows.push_back(row);
    if (layer.is_output()) continue;
    rows.push_back({.name = layer.norm,
                    .type = "instance norm",
                    .in_channels = layer.out,
                    .out_channels = layer.out,
                    .out_height = row.out_height,
                    .out_width = row.out_width,
                    .parameters = 2 * layer.out});
  }
  return rows;
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

void check_room(const config::Architecture& architecture, std::uint64_t room, const std::string& where) {
  constexpr std::uint64_t kSmall = 4 << 20;  // more than the largest preset has
  const auto parameters = static_cast<std::uint64_t>(totals(architecture).parameters);
  if (parameters > std::max(room, kSmall))
    throw DataError("{}: is far too small for its network, {} with {} parameters", where,
                    config::describe(architecture), parameters);
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

}  // namespace pocketstyle::network

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::network {

/// One layer with parameters, in forward order.
struct LayerRow {
  std::string name;                     ///< "res1.conv2"
  std::string type;                     ///< "conv", "depthwise conv", "upsample x2 + conv" or "instance norm"
  std::int64_t kernel = 0, stride = 0;  ///< 0 for instance norm
  std::int64_t in_channels = 0, out_channels = 0, out_height = 0, out_width = 0;
  std::int64_t parameters = 0;
  std::int64_t kernel_parameters = 0;  ///< of the convolution kernel alone, as counted in the paper
  std::int64_t macs = 0;               ///< multiply-accumulates of the convolution; norms are not counted
};

/// Every layer of the network for a picture of `height` x `width`. Odd sizes are handled as in the network: a stride of
/// 2 rounds half the size up, and upsampling returns to the sizes of the downsampling layers. Throws UsageError
/// (architecture, size).
std::vector<LayerRow> layer_table(const config::Architecture& architecture, std::int64_t height, std::int64_t width);

struct Totals {
  std::int64_t parameters = 0, kernel_parameters = 0, macs = 0;
};
Totals totals(const std::vector<LayerRow>& rows);
/// Totals of the network's layer_table. The number of parameters is the same for every size.
Totals totals(const config::Architecture& architecture, std::int64_t height = 256, std::int64_t width = 256);

/// For readers of files, before they make the network. Throws DataError (`where` names the file) if it is large and has
/// more parameters than the file has room for, in `room` numbers or bytes: a damaged file must not cost the memory that
/// it claims. What a small one lacks is said tensor by tensor when it is filled.
void check_room(const config::Architecture& architecture, std::uint64_t room, const std::string& where);

/// Kernel parameters by the rows of the paper's table: Conv1..3, Res1..n, Deconv1..3.
std::vector<std::pair<std::string, std::int64_t>> paper_rows(const std::vector<LayerRow>& rows);

}  // namespace pocketstyle::network

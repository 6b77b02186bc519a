// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/config/config.h"

#include "pocketstyle/core/error.h"

#include <algorithm>

namespace pocketstyle::config {

Architecture NetConfig::architecture() const {
  Architecture architecture = find_preset(preset).architecture;
  if (kernel) architecture.kernel = *kernel;
  if (widths) {
    if (widths->size() != architecture.widths.size())
      throw UsageError("net.widths: expected a list of {} integers, found {}", architecture.widths.size(),
                       widths->size());
    std::copy(widths->begin(), widths->end(), architecture.widths.begin());
  }
  if (block) architecture.block = block_kind_from_string(*block);
  if (blocks) architecture.blocks = *blocks;
  if (mid) architecture.mid = *mid;
  check(architecture);
  return architecture;
}

}  // namespace pocketstyle::config

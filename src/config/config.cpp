// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/config/config.h"

#include "pocketstyle/core/error.h"

#include <algorithm>

namespace pocketstyle::config {

NetFamily NetConfig::family() const {
  NetFamily family = find_preset(preset).family;
  if (kernel) family.kernel = *kernel;
  if (widths) {
    if (widths->size() != family.widths.size())
      throw UsageError("net.widths: expected a list of {} integers, found {}", family.widths.size(), widths->size());
    std::copy(widths->begin(), widths->end(), family.widths.begin());
  }
  if (block) family.block = block_kind_from_string(*block);
  if (blocks) family.blocks = *blocks;
  if (mid) family.mid = *mid;
  check(family);
  return family;
}

}  // namespace pocketstyle::config

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/config/config.h"

#include <algorithm>

namespace pocketstyle::config {

NetFamily NetConfig::family() const {
  NetFamily family = find_preset(preset).family;
  if (kernel) family.kernel = *kernel;
  if (widths) std::copy_n(widths->begin(), 3, family.widths.begin());
  if (block) family.block = block_kind_from_string(*block);
  if (blocks) family.blocks = *blocks;
  if (mid) family.mid = *mid;
  check(family);
  return family;
}

}  // namespace pocketstyle::config

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/version.h"

namespace pocketstyle {

std::string_view version() {
  return POCKETSTYLE_VERSION;
}

}  // namespace pocketstyle

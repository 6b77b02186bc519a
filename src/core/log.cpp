// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/log.h"

namespace pocketstyle {

std::shared_ptr<spdlog::logger> log() {
  static const auto logger = std::make_shared<spdlog::logger>("pocketstyle");
  return logger;
}

}  // namespace pocketstyle

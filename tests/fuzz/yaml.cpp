// SPDX-License-Identifier: Apache-2.0
#include "fuzz/fuzz.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/error.h"

#include <string>

using namespace pocketstyle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run<UsageError>(data, size, [](std::string_view bytes) {
    const config::Config config = config::parse_config(std::string(bytes), "fuzzed.yaml", "/base");
    config::parse_config(config::to_yaml(config, true), "written again", "/base");
  });
}

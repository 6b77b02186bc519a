// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/safetensors.h"

#include "fuzz/fuzz.h"

#include "pocketstyle/core/error.h"

using namespace pocketstyle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run<DataError>(data, size, [](std::string_view bytes) {
    static_cast<void>(nn::to_safetensors(nn::parse_safetensors(bytes, "fuzzed.safetensors")));
  });
}

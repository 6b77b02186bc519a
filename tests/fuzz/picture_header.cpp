// SPDX-License-Identifier: Apache-2.0
#include "serve/picture_header.h"

#include "fuzz/fuzz.h"

#include "pocketstyle/core/error.h"

using namespace pocketstyle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run<UsageError>(data, size,
                               [](std::string_view bytes) { static_cast<void>(serve::check_picture(bytes)); });
}

// SPDX-License-Identifier: Apache-2.0
// The first line is the Content-Type, the rest the body.
#include "serve/form.h"

#include "fuzz/fuzz.h"
#include "serve/errors.h"

#include <algorithm>
#include <string>

using namespace pocketstyle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run<serve::HttpError>(data, size, [](std::string_view bytes) {
    const std::size_t line = std::min(bytes.find('\n'), bytes.size());
    const std::string boundary = serve::form_boundary(std::string(bytes.substr(0, line)));
    const serve::FormLimits limits{.large_field = "style", .large_bytes = 4096, .small_bytes = 64, .fields = 8};
    static_cast<void>(serve::parse_form(bytes.substr(std::min(line + 1, bytes.size())), boundary, limits));
  });
}

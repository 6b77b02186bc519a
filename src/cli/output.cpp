// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include "pocketstyle/core/error.h"

#include <charconv>

namespace pocketstyle::cli {

std::pair<std::int64_t, std::int64_t> parse_size(const std::string& text, const char* option) {
  const char* const end = text.data() + text.size();
  std::int64_t height = 0, width = 0;
  auto parsed = std::from_chars(text.data(), end, height);
  if (parsed.ec == std::errc() && parsed.ptr == end) {
    width = height;
  } else if (parsed.ec == std::errc() && *parsed.ptr == 'x') {
    parsed = std::from_chars(parsed.ptr + 1, end, width);
  }
  if (parsed.ec != std::errc() || parsed.ptr != end || height < 1 || width < 1 || height > 65536 || width > 65536)
    throw UsageError("{} {}: expected height x width in pixels, such as 480x640", option, text);
  return {height, width};
}

}  // namespace pocketstyle::cli

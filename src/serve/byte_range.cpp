// SPDX-License-Identifier: Apache-2.0
#include "serve/byte_range.h"

#include "pocketstyle/core/error.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace pocketstyle::serve {
namespace {

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// Whether one of the list is `etag`; W/"x" matches "x", since the same bytes are sent for both.
bool matches(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    std::string_view one = trim(list.substr(0, comma));
    if (one == "*") return true;
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == etag) return true;
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return false;
}

/// Digits only. Numbers larger than any file are limited to the maximum.
std::optional<std::int64_t> position(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc() ? value : std::numeric_limits<std::int64_t>::max();
}

}  // namespace

FileReply reply_to(const FileRequest& request, std::int64_t size, std::string_view etag) {
  constexpr std::string_view kUnit = "bytes=";
  if (matches(request.if_none_match, etag)) return {304, 0, 0, {}};
  const FileReply whole{200, 0, size, {}};
  const bool is_stale = !request.if_range.empty() && trim(request.if_range) != etag;
  if (is_stale || !request.range.starts_with(kUnit)) return whole;

  const std::string_view range = trim(std::string_view(request.range).substr(kUnit.size()));
  const auto dash = range.find('-');
  if (dash == std::string_view::npos) return whole;
  const std::string_view from = trim(range.substr(0, dash)), to = trim(range.substr(dash + 1));
  const auto low = position(from), high = position(to);
  if ((!from.empty() && !low) || (!to.empty() && !high) || (!low && !high) || (low && high && *high < *low))
    return whole;
  const std::int64_t first = low ? *low : size - std::min(*high, size);
  const std::int64_t last = low && high ? std::min(*high, size - 1) : size - 1;
  if (first >= size || (!low && *high == 0)) return {416, 0, 0, fmt::format("bytes */{}", size)};
  return {206, first, last - first + 1, fmt::format("bytes {}-{}/{}", first, last, size)};
}

}  // namespace pocketstyle::serve

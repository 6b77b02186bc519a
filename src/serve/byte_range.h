// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pocketstyle::serve {

/// The headers of a file request (RFC 9110) that select a part or make it conditional; empty: absent.
struct FileRequest {
  std::string range, if_range, if_none_match;
};

struct FileReply {
  int status = 200;  ///< 200, 206, 304 or 416
  std::int64_t first = 0, length = 0;
  std::string content_range;  ///< empty: not sent
};

/// The part of a file of `size` bytes to send. `etag` includes its quotes. A single range is served; for several, or
/// one that cannot be parsed, the whole file is sent.
FileReply reply_to(const FileRequest& request, std::int64_t size, std::string_view etag);

}  // namespace pocketstyle::serve

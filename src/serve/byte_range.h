// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pocketstyle::serve {

/// The headers of a request for a file (RFC 9110) that say which part is wanted, and whether; empty: not given.
struct FileRequest {
  std::string range, if_range, if_none_match;
};

struct FileReply {
  int status = 200;  ///< 200, 206, 304 or 416
  std::int64_t first = 0, length = 0;
  std::string content_range;  ///< empty: none is sent
};

/// What to send of a file of `size` bytes. `etag` has its quotes. One range is served; of several, or of one that is
/// not understood, the whole file is.
FileReply reply_to(const FileRequest& request, std::int64_t size, std::string_view etag);

}  // namespace pocketstyle::serve

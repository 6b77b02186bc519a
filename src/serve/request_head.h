// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace pocketstyle::serve {

inline constexpr std::size_t kMaxHeadBytes = 32768, kMaxPathBytes = 1024;

/// What a request's head says, when it can be understood in one way only.
struct RequestHead {
  std::string method, path;  ///< path: decoded
  std::map<std::string, std::string> query;
  std::optional<std::uint64_t> body_bytes;  ///< 0: no body; empty: chunked
  unsigned version = 11;                    ///< 11 or 10
  bool keep_alive = false;
  bool wants_to_know = false;  ///< Expect: 100-continue
};

/// Checks what Beast's parser lets pass: the only coding is chunked, alone and in HTTP/1.1; one Host, which is a name
/// and a port; one length in digits; a path, not an address; a body only where a method has one. A proxy in
/// front may understand any of these otherwise, and then takes a part of one client's request for another's. Throws
/// HttpError.
RequestHead understand(const boost::beast::http::request<boost::beast::http::empty_body>& request);

/// The name in "name:port", "[::1]:port", in lower case. Empty if it is not one.
std::string host_name(const std::string& host);

}  // namespace pocketstyle::serve

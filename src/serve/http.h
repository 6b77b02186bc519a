// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/errors.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::serve {

struct HttpRequest {
  std::string method, path, peer;  ///< path: decoded, without the query; peer: the address
  std::map<std::string, std::string> query{};
  std::function<std::string(const char*)> header{};  ///< a header's value, "" if there is none
  /// Reads the body, once. Throws HttpError: 413 if it has more bytes than that, 400 if it does not arrive.
  std::function<std::string(std::size_t most)> body{};
};

/// A part of an open file.
struct FileBody {
  std::shared_ptr<const int> descriptor;
  std::int64_t first = 0, length = 0;
};
/// Opens a file for FileBody; closed with the last copy. Empty if it cannot be opened. `size`: receives the file's
/// size.
std::shared_ptr<const int> open_file(const std::filesystem::path& path, std::int64_t& size);

struct HttpReply {
  int status = 200;
  std::string type, body;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::optional<FileBody> file{};  ///< instead of body
  /// Instead of body: called every `pause` for the next piece, which may be empty; empty optional: the end. It occupies
  /// no thread in between.
  std::function<std::optional<std::string>()> stream{};
  /// Instead of all this: called every `pause` until it has the reply.
  std::function<std::optional<HttpReply>()> later{};
};

/// HTTP/1.1 on one address, by Boost.Beast. A connection costs a descriptor and some memory, no thread: only handlers
/// run on threads. Requests are limited in size and time, and one that can be understood in two ways is refused and
/// its connection closed (serve/request_head.h), as is every connection on which a body was not read. When there are
/// too many connections, some of the address that has most are closed. Errors are JSON.
class HttpServer {
 public:
  using Handler = std::function<HttpReply(const HttpRequest&)>;
  /// Binds. Throws UsageError if the address is not available.
  HttpServer(const std::string& host, std::uint16_t port,
             const std::vector<std::pair<std::string, std::string>>& headers, Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void serve();  ///< until stop()
  void stop();
  [[nodiscard]] bool stopping() const;
  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace pocketstyle::serve

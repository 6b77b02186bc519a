// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::serve {

/// Thrown by a handler: the reply is {"error": what()} with this status.
class HttpError : public std::runtime_error {
 public:
  HttpError(int status, const std::string& message) : std::runtime_error(message), status_(status) {}
  [[nodiscard]] int status() const { return status_; }

 private:
  int status_;
};

/// The fields of a multipart/form-data body by their names; of a field that comes twice, the first.
using Form = std::map<std::string, std::string>;

struct FormLimits {
  std::string large_field;  ///< may have `large_bytes`, the others `small_bytes`
  std::size_t large_bytes, small_bytes;
  std::size_t fields;
};

struct HttpRequest {
  std::string method, path, peer;  ///< path: decoded, without the query; peer: the address
  std::map<std::string, std::string> query{};
  std::function<std::string(const char*)> header{};  ///< a header's value, "" if there is none
  /// Reads the body. Throws HttpError: 400 or 415 if it is no form, 413 beyond the limits.
  std::function<Form(const FormLimits&)> form{};
};

/// A part of an open file.
struct FileBody {
  std::shared_ptr<const int> descriptor;
  std::int64_t first = 0, length = 0;
};
/// Opens for FileBody; closed with the last copy. Empty if it cannot be opened. `size`: the file's.
std::shared_ptr<const int> open_file(const std::filesystem::path& path, std::int64_t& size);

struct HttpReply {
  int status = 200;
  std::string type, body;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::optional<FileBody> file{};  ///< instead of body
  /// Instead of body: called again and again for the next piece, which it may wait for a second for; nothing ends it.
  std::function<std::optional<std::string>()> stream{};
};

/// HTTP/1.1 on one address, by cpp-httplib, a thread a connection. Requests are limited in size and time; what is not
/// read of a body is thrown away. Errors are JSON.
class HttpServer {
 public:
  using Handler = std::function<HttpReply(const HttpRequest&)>;
  /// Binds. Throws UsageError if the address cannot be had.
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

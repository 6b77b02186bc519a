// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pocketstyle::serve {

struct ClientReply {
  int status = 0;
  std::string body;
};

/// Requests to a server, http or https, each on a connection of its own. Certificates are checked against the system's,
/// or those that OpenSSL's variables SSL_CERT_FILE and SSL_CERT_DIR name.
class HttpClient {
 public:
  /// `token`: sent with every request. Throws UsageError if the URL is not one.
  HttpClient(const std::string& url, std::string token);
  /// Throws DataError if nothing is received, or taken, for two minutes, or the reply has more than 256 MB.
  [[nodiscard]] ClientReply send(const std::string& method, const std::string& path, const std::string& body = {},
                                 const std::string& type = {}) const;
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  std::string url_, token_, host_, port_, authority_;
  bool secure_ = false;
};

}  // namespace pocketstyle::serve

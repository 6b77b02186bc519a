// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/http.h"
#include "serve/request_head.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::serve {

/// What all connections of a server share.
struct ConnectionContext {
  HttpServer::Handler handler;
  std::vector<std::pair<std::string, std::string>> headers;  ///< sent with every reply
  boost::asio::thread_pool& handlers;                        ///< the threads that handlers run on
  std::function<bool()> stopping;
};

/// One client's connection: a coroutine that reads requests and writes replies, one after the other.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;
  Connection(boost::asio::ip::tcp::socket socket, const ConnectionContext& context);

  /// Serves it; `ended` is called at its end, on one of the server's threads.
  void start(std::function<void()> ended);
  /// Closes it at once. From any thread.
  void close();

  [[nodiscard]] const std::string& peer() const { return peer_; }
  /// Whether no request of it is being worked on.
  [[nodiscard]] bool waits() const { return waits_; }

 private:
  template <class Value>
  using Awaitable = boost::asio::awaitable<Value>;
  Awaitable<void> serve();
  /// False: the connection ends.
  Awaitable<bool> serve_request();
  Awaitable<HttpReply> reply_to(const RequestHead& head);
  HttpReply handle(const RequestHead& head);
  Awaitable<HttpReply> wait_for(std::function<std::optional<HttpReply>()> later);
  Awaitable<std::string> read_body(bool confirm, std::size_t most);
  std::string body(const RequestHead& head, std::size_t most);
  Awaitable<void> write(const HttpReply& reply, const RequestHead& head, bool keep);
  Awaitable<void> write_bytes(const char* bytes, std::size_t size);
  Awaitable<void> write_file(const FileBody& file);
  Awaitable<void> write_stream(const std::function<std::optional<std::string>()>& next, bool chunked);
  Awaitable<void> discard();
  [[nodiscard]] bool client_is_gone();

  boost::beast::tcp_stream stream_;
  const ConnectionContext& context_;
  std::string peer_;
  boost::beast::flat_buffer buffer_;
  boost::asio::steady_timer pause_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  boost::beast::http::fields fields_;  ///< the request's headers
  bool body_read_ = false, unread_ = false;
  std::atomic<bool> waits_{true};
};

}  // namespace pocketstyle::serve

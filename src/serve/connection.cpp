// SPDX-License-Identifier: Apache-2.0
#include "serve/connection.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/core/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <future>
#include <limits>

#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // in the memory of Asio's coroutines

namespace pocketstyle::serve {
namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kHeadTime{15};                       // from the last reply to the end of the next head
constexpr seconds kReadPause{15}, kBodyTime{600};      // while a body is read
constexpr seconds kWriteTime{30};                      // for a piece
constexpr milliseconds kPause{250};                    // between the pieces of a stream
constexpr seconds kDiscardPause{2}, kDiscardTime{30};  // what is read after a refusal, so that its reply is not lost
constexpr std::size_t kDiscardBytes = std::size_t{64} << 20U;
constexpr std::size_t kPieceBytes = 65536;

/// Replaces unprintable characters, which would let a request write its own lines into the log.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
  return text;
}

std::string address_text(const net::ip::tcp::socket& socket) {
  boost::system::error_code error;
  const auto end = socket.remote_endpoint(error);
  if (error) return {};
  const net::ip::address address = end.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

HttpReply error_reply(const ErrorCode& code, const std::string& message) {
  return {code.status, "application/json", error_json(code, message)};
}

}  // namespace

std::string error_json(const ErrorCode& code, const std::string& message) {
  return json_text(nlohmann::ordered_json{{"code", code.code}, {"error", message}});
}

Connection::Connection(net::ip::tcp::socket socket, const ConnectionContext& context)
    : stream_(std::move(socket)),
      context_(context),
      peer_(address_text(stream_.socket())),
      buffer_(2 * kMaxHeadBytes),
      pause_(stream_.get_executor()) {
  boost::system::error_code ignored;
  stream_.socket().set_option(net::ip::tcp::no_delay(true), ignored);
}

void Connection::start(std::function<void()> ended) {
  net::co_spawn(
      stream_.get_executor(), [self = shared_from_this()]() { return self->serve(); },
      [self = shared_from_this(), ended = std::move(ended)](const std::exception_ptr&) {
        boost::system::error_code ignored;
        self->stream_.socket().close(ignored);
        ended();
      });
}

void Connection::close() {
  net::post(stream_.get_executor(), [self = shared_from_this()] {
    self->stream_.close();
    self->pause_.cancel();
  });
}

net::awaitable<void> Connection::serve() {
  while (co_await serve_request()) {
  }
  boost::system::error_code ignored;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_send, ignored);
  if (unread_) co_await discard();
}

net::awaitable<bool> Connection::serve_request() {
  parser_.emplace();
  parser_->header_limit(kMaxHeadBytes);
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());  // in 1.74, boost::none means 0
  stream_.expires_after(kHeadTime);
  waits_ = true;
  boost::system::error_code error;
  co_await http::async_read_header(stream_, buffer_, *parser_, net::redirect_error(net::use_awaitable, error));
  waits_ = false;
  RequestHead head;
  std::optional<HttpReply> reply;
  if (error) {
    // A connection that is closed, or idle for too long, gets no reply.
    if (error.category() != http::make_error_code(http::error::bad_version).category() ||
        error == http::error::end_of_stream || error == http::error::partial_message)
      co_return false;
    unread_ = true;
    const bool is_long = error == http::error::header_limit || error == http::error::buffer_overflow;
    reply = error_reply(is_long ? errors::head_too_large : errors::invalid_request,
                        is_long ? "the head of the request is too large" : "the request is not valid HTTP/1.1");
  } else {
    try {
      head = understand(parser_->get());
      fields_ = parser_->get().base();
    } catch (const HttpError& refused) {
      unread_ = true;
      reply = error_reply(refused.code(), refused.what());
    }
  }
  body_read_ = head.body_bytes == std::uint64_t{0};
  if (!reply) reply = co_await reply_to(head);
  unread_ = unread_ || !body_read_;
  const bool keep = head.keep_alive && !unread_ && !context_.stopping();
  log()->debug("[serve] {} {} {} {}", peer_, printable(head.method), printable(head.path), reply->status);
  co_await write(*reply, head, keep);
  co_return keep;
}

net::awaitable<HttpReply> Connection::reply_to(const RequestHead& head) {
  const auto handled = [this, &head]() -> net::awaitable<HttpReply> { co_return handle(head); };
  HttpReply reply = co_await net::co_spawn(context_.handlers, handled, net::use_awaitable);
  if (reply.later) reply = co_await wait_for(std::move(reply.later));
  co_return reply;
}

/// On a thread of the handlers.
HttpReply Connection::handle(const RequestHead& head) {
  HttpRequest request{.method = head.method, .path = head.path, .peer = peer_, .query = head.query};
  request.header = [this](const char* name) {
    const auto found = fields_.find(name);
    return found == fields_.end() ? std::string() : std::string(found->value().data(), found->value().size());
  };
  request.body = [this, &head](std::size_t most) { return body(head, most); };
  try {
    return context_.handler(request);
  } catch (const HttpError& error) {
    return error_reply(error.code(), error.what());
  } catch (const std::exception& error) {
    log()->error("[serve] {} {}: {}", head.method, printable(head.path), error.what());
    return error_reply(errors::internal_error, "internal error; see the server's log");
  }
}

net::awaitable<HttpReply> Connection::wait_for(std::function<std::optional<HttpReply>()> later) {
  const auto ask = [&later]() -> net::awaitable<std::optional<HttpReply>> {
    try {
      co_return later();
    } catch (const HttpError& error) {
      co_return error_reply(error.code(), error.what());
    } catch (const std::exception& error) {
      log()->error("[serve] {}", error.what());
      co_return error_reply(errors::internal_error, "internal error; see the server's log");
    }
  };
  while (true) {
    std::optional<HttpReply> reply = co_await net::co_spawn(context_.handlers, ask, net::use_awaitable);
    if (reply) co_return *std::move(reply);
    if (client_is_gone() || context_.stopping()) co_return error_reply(errors::unavailable, "the server is stopping");
    pause_.expires_after(kPause);
    boost::system::error_code ignored;
    co_await pause_.async_wait(net::redirect_error(net::use_awaitable, ignored));
  }
}

/// On a thread of the handlers, which waits.
std::string Connection::body(const RequestHead& head, std::size_t most) {
  if (body_read_ || !parser_) return {};
  if (head.body_bytes.value_or(0) > most)
    throw HttpError(errors::too_large, fmt::format("the body has more than {} bytes", most));
  std::promise<std::string> read;
  net::co_spawn(
      stream_.get_executor(), [&] { return read_body(head.wants_to_know, most); },
      [&](const std::exception_ptr& error, std::string bytes) {
        if (error)
          read.set_exception(error);
        else
          read.set_value(std::move(bytes));
      });
  return read.get_future().get();
}

net::awaitable<std::string> Connection::read_body(bool confirm, std::size_t most) {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  if (confirm) co_await write_bytes(kContinue.data(), kContinue.size());
  http::request_parser<http::string_body> parser(std::move(*parser_));
  parser.body_limit(most);
  boost::system::error_code error;
  const auto last = Clock::now() + kBodyTime;
  while (!error && !parser.is_done()) {
    stream_.expires_at(std::min(Clock::now() + kReadPause, last));
    co_await http::async_read_some(stream_, buffer_, parser, net::redirect_error(net::use_awaitable, error));
  }
  parser_.reset();
  if (error == http::error::body_limit)
    throw HttpError(errors::too_large, fmt::format("the body has more than {} bytes", most));
  if (error) throw HttpError(errors::invalid_request, "the body is truncated or invalid");
  body_read_ = true;
  co_return std::move(parser.release().body());
}

net::awaitable<void> Connection::write_bytes(const char* bytes, std::size_t size) {
  stream_.expires_after(kWriteTime);
  co_await net::async_write(stream_, net::buffer(bytes, size), net::use_awaitable);
}

net::awaitable<void> Connection::write(const HttpReply& reply, const RequestHead& head, bool keep) {
  http::response<http::empty_body> response(static_cast<http::status>(reply.status), 11);
  for (const auto& [name, value] : context_.headers) response.set(name, value);
  for (const auto& [name, value] : reply.headers) response.set(name, value);
  if (!reply.type.empty()) response.set(http::field::content_type, reply.type);
  const bool chunked = reply.stream && head.version == 11;
  if (chunked)
    response.chunked(true);
  else if (!reply.stream && reply.status != 204 && reply.status != 304)
    response.content_length(reply.file ? static_cast<std::uint64_t>(reply.file->length) : reply.body.size());
  if (!keep) response.set(http::field::connection, "close");
  http::response_serializer<http::empty_body> serializer(response);
  stream_.expires_after(kWriteTime);
  co_await http::async_write_header(stream_, serializer, net::use_awaitable);
  if (head.method == "HEAD") co_return;
  if (reply.stream)
    co_await write_stream(reply.stream, chunked);
  else if (reply.file)
    co_await write_file(*reply.file);
  else if (!reply.body.empty())
    co_await write_bytes(reply.body.data(), reply.body.size());
}

net::awaitable<void> Connection::write_file(const FileBody& file) {
  std::vector<char> piece(kPieceBytes);
  for (std::int64_t sent = 0; sent < file.length;) {
    const auto want = static_cast<std::size_t>(std::min<std::int64_t>(kPieceBytes, file.length - sent));
    const ssize_t got = ::pread(*file.descriptor, piece.data(), want, file.first + sent);
    if (got <= 0) throw RuntimeFailure("a file became shorter while it was sent");  // ends the connection
    co_await write_bytes(piece.data(), static_cast<std::size_t>(got));
    sent += got;
  }
}

net::awaitable<void> Connection::write_stream(const std::function<std::optional<std::string>()>& next, bool chunked) {
  const auto ask = [&next]() -> net::awaitable<std::optional<std::string>> {
    try {
      co_return next();
    } catch (const std::exception& error) {
      log()->error("[serve] a stream: {}", error.what());
      throw;
    }
  };
  while (true) {
    const std::optional<std::string> piece = co_await net::co_spawn(context_.handlers, ask, net::use_awaitable);
    if (!piece || client_is_gone()) break;
    if (!piece->empty()) {
      const std::string coded = chunked ? fmt::format("{:x}\r\n{}\r\n", piece->size(), *piece) : *piece;
      co_await write_bytes(coded.data(), coded.size());
    }
    pause_.expires_after(kPause);
    boost::system::error_code ignored;
    co_await pause_.async_wait(net::redirect_error(net::use_awaitable, ignored));
  }
  static constexpr std::string_view kLastChunk = "0\r\n\r\n";
  if (chunked) co_await write_bytes(kLastChunk.data(), kLastChunk.size());
}

/// Reads what a refused request goes on sending; closed at once, the client would not get the reply.
net::awaitable<void> Connection::discard() {
  std::array<char, 8192> bytes{};
  boost::system::error_code error;
  const auto last = Clock::now() + kDiscardTime;
  waits_ = true;
  for (std::size_t count = 0; !error && count < kDiscardBytes && Clock::now() < last;) {
    stream_.expires_after(kDiscardPause);
    count += co_await stream_.async_read_some(net::buffer(bytes), net::redirect_error(net::use_awaitable, error));
  }
}

bool Connection::client_is_gone() {
  char byte = 0;
  const ssize_t got = ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

}  // namespace pocketstyle::serve

// SPDX-License-Identifier: Apache-2.0
#include "serve/http_client.h"

#include "pocketstyle/core/error.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <exception>

#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // in the memory of Asio's coroutines

namespace pocketstyle::serve {
namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace {

constexpr std::chrono::minutes kPatience{2};  // while nothing moves
constexpr std::uint64_t kLargestReply = std::uint64_t{256} << 20U;

template <class Stream>
net::awaitable<ClientReply> reply_to_request(Stream& stream, const http::request<http::string_body>& request) {
  auto& connection = beast::get_lowest_layer(stream);
  http::request_serializer<http::string_body> serializer(request);
  while (!serializer.is_done()) {
    connection.expires_after(kPatience);
    co_await http::async_write_some(stream, serializer, net::use_awaitable);
  }
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kLargestReply);
  while (!parser.is_done()) {
    connection.expires_after(kPatience);
    co_await http::async_read_some(stream, buffer, parser, net::use_awaitable);
  }
  http::response<http::string_body> response = parser.release();
  co_return ClientReply{static_cast<int>(response.result_int()), std::move(response.body())};
}

}  // namespace

HttpClient::HttpClient(const std::string& url, std::string token) : url_(url), token_(std::move(token)) {
  const auto scheme = url.find("://");
  const std::string kind = url.substr(0, scheme);
  secure_ = kind == "https";
  if (scheme == std::string::npos || (kind != "http" && kind != "https"))
    throw UsageError("{}: expected a URL such as https://style.example.org", url);
  authority_ = url.substr(scheme + 3);
  while (authority_.ends_with('/')) authority_.pop_back();
  const auto colon = authority_.rfind(':');
  const bool has_port = colon != std::string::npos && authority_.find(']', colon) == std::string::npos;
  host_ = authority_.substr(0, has_port ? colon : std::string::npos);
  port_ = has_port ? authority_.substr(colon + 1) : secure_ ? "443" : "80";
  if (host_.starts_with('[') && host_.ends_with(']')) host_ = host_.substr(1, host_.size() - 2);
  const bool is_number =
      !port_.empty() && std::all_of(port_.begin(), port_.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  if (host_.empty() || host_.find('/') != std::string::npos || !is_number)
    throw UsageError("{}: expected a URL such as https://style.example.org, without a path", url);
  url_ = kind + "://" + authority_;
}

ClientReply HttpClient::send(const std::string& method, const std::string& path, const std::string& body,
                             const std::string& type) const {
  http::request<http::string_body> request(http::string_to_verb(method), path, 11, body);
  request.set(http::field::host, authority_);
  request.set(http::field::authorization, "Bearer " + token_);
  request.set(http::field::connection, "close");
  if (!type.empty()) request.set(http::field::content_type, type);
  request.prepare_payload();
  net::io_context io;
  net::ssl::context tls(net::ssl::context::tls_client);
  ClientReply reply;
  std::exception_ptr failure;
  net::co_spawn(
      io,
      [&]() -> net::awaitable<void> {
        net::ip::tcp::resolver resolver(io);
        const auto addresses = co_await resolver.async_resolve(host_, port_, net::use_awaitable);
        beast::tcp_stream plain(io);
        plain.expires_after(kPatience);
        co_await plain.async_connect(addresses, net::use_awaitable);
        if (!secure_) {
          reply = co_await reply_to_request(plain, request);
          co_return;
        }
        tls.set_default_verify_paths();
        tls.set_verify_mode(net::ssl::verify_peer);
        beast::ssl_stream<beast::tcp_stream> stream(std::move(plain), tls);
        stream.set_verify_callback(net::ssl::host_name_verification(host_));
        // The macro SSL_set_tlsext_host_name, without its casts.
        SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(host_.c_str()));  // OpenSSL copies it
        co_await stream.async_handshake(net::ssl::stream_base::client, net::use_awaitable);
        reply = co_await reply_to_request(stream, request);
      },
      [&](const std::exception_ptr& error) { failure = error; });
  io.run();
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    const std::string reason = error.code().message();
    const bool is_certificate = reason.find("certificate verify failed") != std::string::npos;
    throw DataError("{}: no reply: {}{}", url_, reason,
                    is_certificate ? "; if it is the server's own, name its file in the variable SSL_CERT_FILE" : "");
  } catch (const std::exception& error) {
    throw DataError("{}: no reply: {}", url_, error.what());
  }
  return reply;
}

}  // namespace pocketstyle::serve

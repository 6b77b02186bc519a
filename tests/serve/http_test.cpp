// SPDX-License-Identifier: Apache-2.0
// The HTTP server over real connections, with requests as bytes, including requests that no well-behaved client sends.
#include "serve/http.h"

#include "serve/form.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

using namespace pocketstyle;
using namespace pocketstyle::serve;
using pocketstyle::testing::contains;
using pocketstyle::testing::error_of;
using pocketstyle::testing::TempDir;

namespace {

constexpr FormLimits kLimits{"style", 1000, 10, 3};

/// Echoes the request; /form reads a form, /file sends part of a file, /stream three pieces, /endless more.
struct Echo {
  TempDir folder;
  std::atomic<int> streaming{0};  ///< streams that sent a piece
  HttpServer server{
      "127.0.0.1", 0, {{"X-Always", "yes"}}, [this](const HttpRequest& request) { return reply(request); }};
  std::jthread thread{[this] { server.serve(); }};
  ~Echo() { server.stop(); }

  HttpReply reply(const HttpRequest& request) {
    if (request.path == "/form") {
      std::string text;
      const std::string boundary = form_boundary(request.header("Content-Type"));
      for (const auto& [name, value] : parse_form(request.body(kLimits.body_bytes()), boundary, kLimits))
        text += name + "=" + value + ";";
      return {200, "text/plain", text};
    }
    if (request.path == "/file") {
      write_file_atomically(folder / "file", "0123456789");
      std::int64_t size = 0;
      return {206, "text/plain", {}, {}, FileBody{open_file(folder / "file", size), 3, size - 5}};
    }
    if (request.path == "/stream" || request.path == "/endless") {
      HttpReply streamed{200, "text/event-stream", {}};
      streamed.stream = [this, most = request.path == "/stream" ? 3 : 1'000'000,
                         sent = 0]() mutable -> std::optional<std::string> {
        if (sent == 1) ++streaming;
        if (sent++ == most || server.stopping()) return std::nullopt;
        return "piece\n";
      };
      return streamed;
    }
    if (request.path == "/breaks") {
      HttpReply breaking{200, "text/event-stream", {}};
      breaking.stream = []() -> std::optional<std::string> { throw std::runtime_error("a secret"); };
      return breaking;
    }
    if (request.path == "/later") {
      HttpReply reply;
      reply.later = [asked = 0]() mutable -> std::optional<HttpReply> {
        if (++asked < 3) return std::nullopt;
        return HttpReply{200, "text/plain", "at last"};
      };
      return reply;
    }
    if (request.path == "/wrong") throw HttpError(errors::job_has_ended, "not \"now\"");
    if (request.path == "/broken") throw std::runtime_error("a secret");
    return {200, "text/plain", request.method + " " + request.path};
  }

  /// Sends the bytes and reads until the server closes, or nothing arrives for `patience_ms`. `all`: says that nothing
  /// will follow.
  std::string send(const std::string& bytes, int patience_ms = 500, bool all = false) const {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(socket);
      return "no connection";
    }
    const timeval patience{patience_ms / 1000, patience_ms % 1000 * 1000};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    for (std::size_t sent = 0; sent < bytes.size();) {
      const ssize_t count = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) break;
      sent += static_cast<std::size_t>(count);
    }
    if (all) ::shutdown(socket, SHUT_WR);
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t count = 0; (count = ::recv(socket, buffer.data(), buffer.size(), 0)) > 0;)
      text.append(buffer.data(), static_cast<std::size_t>(count));
    ::close(socket);
    return text;
  }
};

std::string request(const std::string& line, const std::string& headers = "", const std::string& body = "") {
  return line + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n" + body;
}
std::string part(const std::string& name, const std::string& value) {
  return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
}
std::string post_form(const std::string& parts, const std::string& end = "--b--\r\n", std::size_t promised = 0) {
  const std::string body = parts + end;
  return request("POST /form",
                 "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: " +
                     std::to_string(body.size() + promised) + "\r\n",
                 body);
}
int count(const std::string& text, const std::string& what) {
  int found = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at) ++found;
  return found;
}

}  // namespace

TEST_CASE("a request and its reply", "[serve]") {
  const Echo echo;
  const std::string hello = echo.send(request("GET /hello%20there?x=1"));
  CHECK(contains(hello, "HTTP/1.1 200 OK\r\n"));
  CHECK(contains(hello, "X-Always: yes\r\n"));
  CHECK(contains(hello, "\r\n\r\nGET /hello there"));
  CHECK_FALSE(contains(echo.send(request("HEAD /hello")), "GET"));
  CHECK(contains(echo.send(request("GET /wrong")), "HTTP/1.1 409"));
  CHECK(contains(echo.send(request("GET /wrong")), R"({"code":"job_has_ended","error":"not \"now\""})"));
  const std::string broken = echo.send(request("GET /broken"));
  CHECK(contains(broken, "HTTP/1.1 500"));
  CHECK_FALSE(contains(broken, "secret"));
  CHECK_FALSE(contains(echo.send(request("GET /breaks")), "secret"));
  // A range does not matter here, where ranges are not supported.
  CHECK(contains(echo.send(request("GET /hello", "Range: bytes=0-1\r\n")), "GET /hello"));
  const std::string file = echo.send(request("GET /file", "Range: bytes=0-1,4-5\r\n"));
  CHECK(contains(file, "HTTP/1.1 206"));
  CHECK(contains(file, "Content-Length: 5\r\n"));
  CHECK(contains(file, "\r\n\r\n34567"));
  CHECK(count(echo.send(request("GET /stream", "Connection: close\r\n"), 3000), "piece") == 3);
  const std::string old = echo.send("GET /stream HTTP/1.0\r\nHost: x\r\n\r\n", 3000);
  CHECK(contains(old, "\r\n\r\npiece\npiece\npiece\n"));
  CHECK_FALSE(contains(old, "chunked"));
  CHECK(contains(echo.send(request("GET /later", "Connection: close\r\n"), 3000), "\r\n\r\nat last"));
  CHECK(count(echo.send(request("GET /one") + request("GET /two", "Connection: close\r\n")), "HTTP/1.1 200") == 2);
}

TEST_CASE("forms have limits", "[serve]") {
  const Echo echo;
  CHECK(contains(echo.send(post_form(part("name", "W") + part("style", std::string(1000, 's')))), "name=W;style=sss"));
  CHECK(contains(echo.send(post_form(part("name", "first") + part("name", "second"))), "name=first;"));
  CHECK(contains(echo.send(post_form(part("style", std::string(1001, 's')))), "HTTP/1.1 413"));
  CHECK(contains(echo.send(post_form(part("name", std::string(11, 'n')))), "a field has more than 10 bytes"));
  CHECK(contains(echo.send(post_form(part("a", "") + part("b", "") + part("c", "") + part("d", ""))),
                 "expected at most 3 fields"));
  CHECK(contains(echo.send(post_form(part("name", "W"), "")), "HTTP/1.1 400"));
  CHECK(contains(echo.send(request("POST /form", "Content-Length: 2\r\nContent-Type: text/plain\r\n", "ab")),
                 "HTTP/1.1 415"));
  CHECK(
      contains(echo.send(request("POST /form", "Content-Type: multipart/form-data; boundary=b\r\n")), "HTTP/1.1 400"));
  CHECK(contains(echo.send(request("POST /form", "Content-Type: multipart/form-data\r\nContent-Length: 2\r\n", "ab")),
                 "HTTP/1.1 400"));
}

TEST_CASE("a form may come in chunks, and after a question", "[serve]") {
  const Echo echo;
  const std::string body = part("name", "W") + "--b--\r\n";
  const std::string head = "Content-Type: multipart/form-data; boundary=\"b\"\r\n";
  const std::string chunked = fmt::format("{:x}\r\n{}\r\n{:x};x=y\r\n{}\r\n0\r\n\r\n", 10, body.substr(0, 10),
                                          body.size() - 10, body.substr(10));
  const std::string next = request("GET /next", "Connection: close\r\n");
  const std::string both = echo.send(request("POST /form", head + "Transfer-Encoding: chunked\r\n", chunked) + next);
  CHECK(contains(both, "name=W;"));
  CHECK(contains(both, "GET /next"));
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  CHECK(contains(echo.send(request("POST /form", head + length + "Expect: 100-continue\r\n", body)),
                 "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"));
  CHECK_FALSE(contains(echo.send(request("POST /other", head + length + "Expect: 100-continue\r\n", body)), "100 "));
}

TEST_CASE("what was not read is no request, and what is ambiguous neither", "[serve]") {
  const Echo echo;
  const std::string next = request("GET /next");
  const auto closes_after = [&](const std::string& first, const std::string& status) {
    INFO(first.substr(0, 200));
    const std::string reply = echo.send(first + next, 4000, true);
    CHECK(contains(reply, "HTTP/1.1 " + status));
    CHECK(count(reply, "HTTP/1.1 ") == 1);
    CHECK(contains(reply, "Connection: close\r\n"));
    CHECK_FALSE(contains(reply, "GET /next"));
  };
  const auto post = [](const std::string& headers, const std::string& body = "") {
    return request("POST /form", "Content-Type: multipart/form-data; boundary=b\r\n" + headers, body);
  };
  // A body that nobody reads.
  closes_after(request("POST /other", "Content-Length: 5\r\n", "GET /"), "200");
  closes_after(request("DELETE /other", "Transfer-Encoding: chunked\r\n", "5\r\nGET /\r\n0\r\n\r\n"), "200");
  closes_after(request("PUT /wrong", "Content-Length: " + std::to_string(next.size()) + "\r\n"), "409");
  // Its length.
  for (const char* headers : {"Content-Length: 5\r\nContent-Length: 6\r\n",
                              "Content-Length: 5\r\nContent-Length: 5\r\n",
                              "Content-Length: 5, 5\r\n",
                              "Content-Length: +5\r\n",
                              "Content-Length: 0x5\r\n",
                              "Content-Length: x\r\n",
                              "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                              "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                              "Transfer-Encoding: gzip, chunked\r\n",
                              "Transfer-Encoding: chunked, chunked\r\n",
                              "Transfer-Encoding: identity\r\n",
                              "Transfer-Encoding: \x0b"
                              "chunked\r\n",
                              "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                              "Transfer-Encoding : chunked\r\n",
                              "Content-Length\t: 5\r\n",
                              "Content-Length: 5\r\n : x\r\n",
                              "Nonsense\r\n",
                              "X: a\rb\r\n",
                              "Expect: nothing\r\n",
                              "Host: y\r\n"})
    closes_after(post(headers, "hello"), "400");
  closes_after(post("Content-Length: 99999999999999\r\n"), "413");
  closes_after(request("GET /a", "Content-Length: 5\r\n", "hello"), "400");
  closes_after("POST /form HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400");
  // Its chunks.
  for (const char* chunks :
       {"0x0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "-1\r\n", "+5\r\nhello\r\n0\r\n\r\n", "5 5\r\nhello\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFFF\r\n", "5\nhello\n0\n\n", "5\r\nhelloX\r\n0\r\n\r\n", "\r\n"})
    closes_after(post("Transfer-Encoding: chunked\r\n", chunks), "400");
  // Who is asked, and for what.
  for (const char* host : {"x:80@evil", "x/evil", "x:evil", "x:", "x y", "[::1", "", "x:123456"})
    closes_after(fmt::format("GET /a HTTP/1.1\r\nHost: {}\r\n\r\n", host), "400");
  closes_after("GET /a HTTP/1.1\r\n\r\n", "400");
  closes_after(request("GET http://evil/a"), "400");
  closes_after("GET /a HTTP/1.1 x\r\nHost: x\r\n\r\n", "400");
  closes_after("GET /a HTTP/1.1\nHost: x\n\n", "400");
  closes_after("GET /a HTTP/2.0\r\nHost: x\r\n\r\n", "400");
  closes_after(std::string("GET /a HTTP/1.1\r\nHost: x\r\nX: \0y\r\n\r\n", 36), "400");
  closes_after(request("PRI /a"), "405");
  closes_after(request("GET /" + std::string(2000, 'a')), "414");
  closes_after("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(200000, 'y'), "431");
  CHECK(contains(echo.send(next), "GET /next"));
}

TEST_CASE("heads that never end delay nobody", "[serve]") {
  const Echo echo;
  std::vector<std::jthread> slow;
  for (int i = 0; i < 100; ++i) slow.emplace_back([&] { echo.send("GET /slow HTTP/1.1\r\nHost: x\r\nX: ", 3000); });
  for (int i = 0; i < 20; ++i)
    CHECK(contains(echo.send(request("GET /quick", "Connection: close\r\n"), 2000), "GET /quick"));
}

TEST_CASE("many at once, and a stop that ends them", "[serve]") {
  constexpr int kPatienceMs = 10000;
  auto echo = std::make_unique<Echo>();
  std::atomic<int> answered{0}, ended{0};
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 50; ++i)
      clients.emplace_back([&] {
        answered += contains(echo->send(request("GET /one", "Connection: close\r\n"), kPatienceMs), "GET /one");
      });
  }
  CHECK(answered == 50);
  std::vector<std::jthread> streams;
  for (int i = 0; i < 5; ++i)
    streams.emplace_back([&] { ended += contains(echo->send(request("GET /endless"), kPatienceMs), "piece"); });
  for (int i = 0; i < 1000 && echo->streaming < 5; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  echo->server.stop();
  streams.clear();
  CHECK(ended == 5);
}

TEST_CASE("an address that cannot be had", "[serve]") {
  const Echo echo;
  const auto again = [&] { const HttpServer second("127.0.0.1", echo.server.port(), {}, {}); };
  CHECK(contains(error_of(again), "usage: 127.0.0.1:"));
  CHECK(contains(error_of([] { const HttpServer other("192.0.2.1", 0, {}, {}); }), "cannot listen there"));
}

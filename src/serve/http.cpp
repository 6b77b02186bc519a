// SPDX-License-Identifier: Apache-2.0
#include "serve/http.h"

#include "serve/connection.h"
#include "serve/ids.h"
#include "serve/workers.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/log.h"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace pocketstyle::serve {
namespace {

constexpr std::size_t kThreads = 320, kWaiting = 256;  // connections that are served at a time, and that wait
constexpr int kBacklog = 511;                          // connections that the system keeps beyond those
constexpr std::chrono::seconds kKeepAlive{15};
constexpr std::size_t kRequestsPerConnection = 10000;
constexpr std::size_t kMaxPathBytes = 1024;
constexpr std::uint64_t kMaxBodyBytes = std::uint64_t{64} << 20U;  // that is read, if only to be thrown away
constexpr std::size_t kPieceBytes = 65536;

thread_local Connection* this_connection = nullptr;  // the one that this thread serves

std::string error_json(const std::string& message) {
  return nlohmann::json{{"error", message}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// What is not printable would let a request write lines of its own into the log.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
  return text;
}

/// A request's body, as its headers announce it.
struct Announced {
  bool any = false, clear = true;
  std::uint64_t bytes = 0;  ///< 0 if chunked
};
Announced announced(const httplib::Request& request) {
  const auto lengths = request.get_header_value_count("Content-Length");
  const auto codings = request.get_header_value_count("Transfer-Encoding");
  Announced body;
  if (lengths + codings == 0) return body;
  body.any = true;
  if (codings > 0) {
    const std::string coding = lower(request.get_header_value("Transfer-Encoding"));
    body.clear = codings == 1 && lengths == 0 && coding == "chunked";
    return body;
  }
  const std::string text = request.get_header_value("Content-Length");
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), body.bytes);
  body.clear = lengths == 1 && parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  body.any = body.bytes > 0;
  return body;
}

/// Reads all of the body, and keeps what the limits allow of it.
Form read_form(const httplib::ContentReader& reader, const FormLimits& limits) {
  Form form;
  std::string* field = nullptr;
  std::size_t most = 0, fields = 0;
  std::uint64_t total = 0;
  std::string broken;  // the first limit that was
  const bool read = reader(
      [&](const httplib::MultipartFormData& part) {
        most = part.name == limits.large_field ? limits.large_bytes : limits.small_bytes;
        field = nullptr;
        if (++fields > limits.fields) {
          broken = fmt::format("expected at most {} fields", limits.fields);
        } else if (const auto [place, is_new] = form.try_emplace(part.name); is_new) {
          field = &place->second;
        }
        return true;
      },
      [&](const char* bytes, std::size_t count) {
        total += count;
        if (field != nullptr && field->size() + count > most) {
          if (broken.empty()) broken = fmt::format("a field has more than {} bytes", most);
          field = nullptr;
        }
        if (field != nullptr) field->append(bytes, count);
        return total <= kMaxBodyBytes;
      });
  if (!read) this_connection->close_after_reply();
  if (!broken.empty()) throw HttpError(413, broken);
  if (!read) throw HttpError(400, "the body is cut off, or no multipart/form-data");
  return form;
}

/// Reads a body that nobody wants, so that the next request on the connection is found. False if it has no end.
bool skip_body(const httplib::Request& request, const httplib::ContentReader& reader) {
  std::uint64_t total = 0;
  const auto count_bytes = [&](const char*, std::size_t count) { return (total += count) <= kMaxBodyBytes; };
  if (request.is_multipart_form_data()) return reader([](const auto&) { return true; }, count_bytes);
  return reader(count_bytes);
}

void put(const HttpReply& reply, httplib::Response& response) {
  response.status = reply.status;
  for (const auto& [name, value] : reply.headers) response.set_header(name, value);
  if (reply.stream) {
    response.set_chunked_content_provider(reply.type, [next = reply.stream](std::size_t, httplib::DataSink& sink) {
      const std::optional<std::string> piece = next();
      if (!piece) {
        sink.done();
        return true;
      }
      return piece->empty() ? sink.is_writable() : sink.write(piece->data(), piece->size());
    });
  } else if (reply.file && reply.file->length > 0) {
    response.set_content_provider(static_cast<std::size_t>(reply.file->length), reply.type,
                                  [file = *reply.file, buffer = std::string()](std::size_t offset, std::size_t length,
                                                                               httplib::DataSink& sink) mutable {
                                    buffer.resize(std::min(length, kPieceBytes));
                                    const ssize_t got =
                                        ::pread(*file.descriptor, buffer.data(), buffer.size(),
                                                static_cast<off_t>(file.first) + static_cast<off_t>(offset));
                                    return got > 0 && sink.write(buffer.data(), static_cast<std::size_t>(got));
                                  });
  } else if (!reply.body.empty() || !reply.type.empty()) {
    response.set_content(reply.body, reply.type);
  }
}

/// httplib's server with our connections.
class Listener : public httplib::Server {
 public:
  int listening_socket() const { return svr_sock_; }

 private:
  bool process_and_close_socket(socket_t socket) override {
    Connection connection(socket, [this] { return svr_sock_ == INVALID_SOCKET; });
    this_connection = &connection;
    try {
      for (std::size_t left = kRequestsPerConnection; left > 0 && connection.wait_for_request(kKeepAlive); --left) {
        bool closed = false;
        if (!process_one(*this, connection, left == 1, closed) || closed || connection.closes()) break;
      }
    } catch (const std::exception& error) {  // in the middle of a reply, which ends here; the server goes on
      log()->error("[serve] a connection: {}", error.what());
    }
    this_connection = nullptr;
    return true;
  }

  /// httplib asked the stream for the addresses itself up to 0.17.
  template <class Self>
  static bool process_one(Self& self, Connection& connection, bool last, bool& closed) {
    if constexpr (requires { self.process_request(connection, last, closed, nullptr); }) {
      return self.process_request(connection, last, closed, nullptr);
    } else {
      std::string remote, local;
      int remote_port = 0, local_port = 0;
      connection.get_remote_ip_and_port(remote, remote_port);
      connection.get_local_ip_and_port(local, local_port);
      return self.process_request(connection, remote, remote_port, local, local_port, last, closed, nullptr);
    }
  }
};

}  // namespace

std::shared_ptr<const int> open_file(const std::filesystem::path& path, std::int64_t& size) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat info {};
  if (descriptor < 0 || ::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    if (descriptor >= 0) ::close(descriptor);
    return nullptr;
  }
  size = info.st_size;
  return {new int(descriptor), [](const int* opened) {
            ::close(*opened);
            delete opened;
          }};
}

struct HttpServer::Implementation {
  Listener server;
  Handler handler;
  std::uint16_t port = 0;
  enum class Stage { bound, serving, ended };
  std::atomic<Stage> stage{Stage::bound};
  std::atomic<bool> stops{false};

  HttpReply reply_to(const httplib::Request& request, const httplib::ContentReader* reader) {
    bool body_read = false;
    HttpRequest ours{.method = request.method, .path = request.path, .peer = request.remote_addr};
    for (const auto& [key, value] : request.params) ours.query.emplace(key, value);
    ours.header = [&](const char* name) { return request.get_header_value(name); };
    ours.form = [&](const FormLimits& limits) {
      if (!request.is_multipart_form_data()) throw HttpError(415, "expected multipart/form-data");
      if (reader == nullptr) throw HttpError(400, "expected a body");
      body_read = true;
      return read_form(*reader, limits);
    };
    HttpReply reply;
    try {
      reply = handler(ours);
    } catch (const HttpError& error) {
      reply = {error.status(), "application/json", error_json(error.what())};
    } catch (const std::exception& error) {
      log()->error("[serve] {} {}: {}", request.method, printable(request.path), error.what());
      reply = {500, "application/json", error_json("something failed here; the server's log says what")};
    }
    if (reader != nullptr && !body_read && !skip_body(request, *reader)) this_connection->close_after_reply();
    return reply;
  }

  void answer(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader* reader) {
    put(reply_to(request, announced(request).any ? reader : nullptr), response);
  }

  void refuse(httplib::Response& response, int status, const std::string& message) const {
    this_connection->close_after_reply();
    put({status, "application/json", error_json(message), {{"Connection", "close"}}}, response);
  }

  /// What no handler needs to see. True if that was the answer.
  bool refused(const httplib::Request& request, httplib::Response& response) const {
    const Announced body = announced(request);
    const bool may_have_body =
        request.method == "POST" || request.method == "DELETE" || request.method == "PUT" || request.method == "PATCH";
    if (!body.clear) {
      refuse(response, 400, "the length of the body is not clear");
    } else if (body.any && !may_have_body) {
      refuse(response, 400, "expected no body");
    } else if (body.bytes > kMaxBodyBytes) {
      refuse(response, 413, "the body is too large");
    } else if (request.path.size() > kMaxPathBytes) {
      refuse(response, 414, "the path is too long");
    } else if (request.method == "PRI" || request.method == "CONNECT" || request.method == "TRACE") {
      refuse(response, 405, "this method is not served");
    } else {
      return false;
    }
    return true;
  }

  void set_handlers() {
    using httplib::ContentReader, httplib::Request, httplib::Response;
    const auto plain = [this](const Request& request, Response& response) { answer(request, response, nullptr); };
    const auto with_body = [this](const Request& request, Response& response, const ContentReader& reader) {
      answer(request, response, &reader);
    };
    server.set_pre_routing_handler([this](const Request& request, Response& response) {
      this_connection->begin_body();
      // Ranges are ours (byte_range.h): the library's would be put onto every reply.
      const_cast<Request&>(request).ranges.clear();  // NOLINT
      return refused(request, response) ? httplib::Server::HandlerResponse::Handled
                                        : httplib::Server::HandlerResponse::Unhandled;
    });
    server.set_expect_100_continue_handler([this](const Request& request, Response& response) {
      return refused(request, response) ? response.status : 100;
    });
    constexpr const char* kAny = ".*";
    server.Get(kAny, plain).Options(kAny, plain).Delete(kAny, plain);
    server.Post(kAny, with_body).Put(kAny, with_body).Patch(kAny, with_body).Delete(kAny, with_body);
    server.set_exception_handler([](const Request& request, Response& response, const std::exception_ptr&) {
      log()->error("[serve] {} {}: failed outside of what answers it", request.method, printable(request.path));
      this_connection->close_after_reply();
      put({500, "application/json", error_json("something failed here")}, response);
    });
    // What the library itself found wrong has no body yet.
    server.set_error_handler([](const Request&, Response& response) {
      if (response.body.empty()) response.set_content(error_json("the request is not understood"), "application/json");
    });
    server.set_post_routing_handler([](const Request&, Response& response) {
      if (response.status == 204) response.headers.erase("Content-Length");
    });
    server.set_logger([](const Request& request, const Response& response) {
      log()->debug("[serve] {} {} {} {}", request.remote_addr, request.method, printable(request.path),
                   response.status);
    });
  }
};

HttpServer::HttpServer(const std::string& host, std::uint16_t port,
                       const std::vector<std::pair<std::string, std::string>>& headers, Handler handler)
    : implementation_(std::make_unique<Implementation>()) {
  Implementation& own = *implementation_;
  own.handler = std::move(handler);
  own.set_handlers();
  own.server.set_default_headers({headers.begin(), headers.end()});
  own.server.set_payload_max_length(kMaxBodyBytes);
  own.server.set_tcp_nodelay(true);
  own.server.set_keep_alive_max_count(kRequestsPerConnection);
  own.server.set_keep_alive_timeout(kKeepAlive.count());
  own.server.set_socket_options([](socket_t socket) {  // without SO_REUSEPORT: two servers on a port are a mistake
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  own.server.new_task_queue = [] { return new Workers<httplib::TaskQueue>(kThreads, kWaiting); };
  const int bound = port == 0 ? own.server.bind_to_any_port(host) : own.server.bind_to_port(host, port) ? port : -1;
  if (bound < 0)
    throw UsageError("{}:{}: cannot listen there; is the address of this machine, and no other program on the port?",
                     host, port);
  own.port = static_cast<std::uint16_t>(bound);
  ::listen(own.server.listening_socket(), kBacklog);  // the library's own backlog is 5
}

HttpServer::~HttpServer() = default;

void HttpServer::serve() {
  implementation_->stage = Implementation::Stage::serving;
  if (!implementation_->stops) implementation_->server.listen_after_bind();
  implementation_->stage = Implementation::Stage::ended;
}

void HttpServer::stop() {
  implementation_->stops = true;
  // The library forgets a stop that comes before it began.
  while (implementation_->stage == Implementation::Stage::serving) {
    implementation_->server.stop();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

bool HttpServer::stopping() const {
  return implementation_->stops;
}

std::uint16_t HttpServer::port() const {
  return implementation_->port;
}

}  // namespace pocketstyle::serve

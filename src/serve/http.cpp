// SPDX-License-Identifier: Apache-2.0
#include "serve/http.h"

#include "serve/connection.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

namespace pocketstyle::serve {
namespace net = boost::asio;
using net::ip::tcp;
namespace {

constexpr std::size_t kHandlers = 32, kTransporters = 2;  // threads: for handlers, and for reading and writing
constexpr int kBacklog = 511;                             // further connections queued by the system
constexpr std::size_t kMostConnections = 1500, kFewestConnections = 64;
constexpr rlim_t kOtherDescriptors = 128;  // of the database, logs, programs
constexpr std::chrono::milliseconds kAfterTrouble{100};
constexpr std::chrono::seconds kStopTime{10};  // for requests that are being worked on

/// A connection needs a descriptor, and a download another.
std::size_t most_connections() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kMostConnections;
  const rlim_t left = limit.rlim_cur > kOtherDescriptors ? (limit.rlim_cur - kOtherDescriptors) / 2 : 0;
  return std::clamp<std::size_t>(left, kFewestConnections, kMostConnections);
}

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
  net::io_context io;
  net::thread_pool handlers{kHandlers};
  ConnectionContext context;
  tcp::acceptor acceptor{io};
  net::steady_timer retry{io};
  std::uint16_t port = 0;
  std::size_t most = most_connections();
  std::atomic<bool> stops{false};
  std::mutex mutex;
  std::condition_variable changed;
  std::list<std::shared_ptr<Connection>> connections;  // oldest first

  Implementation(Handler handler, std::vector<std::pair<std::string, std::string>> headers)
      : context{std::move(handler), std::move(headers), handlers, [this] { return stops.load(); }} {}

  void listen(const std::string& host, std::uint16_t wanted) {
    boost::system::error_code error;
    tcp::resolver resolver(io);
    const auto found = resolver.resolve(host, std::to_string(wanted), tcp::resolver::passive, error);
    if (!error) {
      const tcp::endpoint address = found.begin()->endpoint();
      acceptor.open(address.protocol(), error);
      if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
      if (!error) acceptor.bind(address, error);
      if (!error) acceptor.listen(kBacklog, error);
    }
    if (error)
      throw UsageError("{}:{}: cannot listen there; check that the address is this machine's and that the port is free",
                       host, wanted);
    ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
    port = acceptor.local_endpoint().port();
  }

  /// Closes a connection of the address that has most, if there are too many: one that waits for a request, or else
  /// the oldest. A client that sends a head and goes on at once is never among them.
  void make_room() {
    const std::lock_guard lock(mutex);
    if (connections.size() < most) return;
    std::map<std::string, std::size_t> counts;
    for (const auto& connection : connections) ++counts[connection->peer()];
    const std::string& greedy = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
                                  return a.second < b.second;
                                })->first;
    const auto of_greedy = [&](const auto& connection) { return connection->peer() == greedy; };
    auto chosen = std::find_if(connections.begin(), connections.end(),
                               [&](const auto& connection) { return of_greedy(connection) && connection->waits(); });
    if (chosen == connections.end()) chosen = std::find_if(connections.begin(), connections.end(), of_greedy);
    (*chosen)->close();
    connections.erase(chosen);
  }

  void add(tcp::socket socket) {
    ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
    const auto connection = std::make_shared<Connection>(std::move(socket), context);
    {
      const std::lock_guard lock(mutex);
      connections.push_back(connection);
    }
    connection->start([this, connection] {
      const std::lock_guard lock(mutex);
      connections.remove(connection);
      changed.notify_all();
    });
  }

  net::awaitable<void> accept() {
    while (!stops) {
      boost::system::error_code error;
      const net::any_io_executor strand = net::make_strand(io);
      tcp::socket socket = co_await acceptor.async_accept(strand, net::redirect_error(net::use_awaitable, error));
      if (stops || error == net::error::operation_aborted) co_return;
      if (error) {  // too many descriptors, above all
        log()->warn("[serve] a connection cannot be accepted: {}", error.message());
        retry.expires_after(kAfterTrouble);
        co_await retry.async_wait(net::redirect_error(net::use_awaitable, error));
        continue;
      }
      try {
        make_room();
        add(std::move(socket));
      } catch (const std::exception& failure) {
        log()->error("[serve] a connection cannot be served: {}", failure.what());
      }
    }
  }

  void serve() {
    net::co_spawn(io, accept(), net::detached);
    const auto work = net::make_work_guard(io);
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kTransporters; ++i) threads.emplace_back([this] { io.run(); });
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return stops.load(); });
    net::post(io, [this] {
      boost::system::error_code ignored;
      acceptor.close(ignored);
      retry.cancel();
    });
    for (const auto& connection : connections)
      if (connection->waits()) connection->close();
    changed.wait_for(lock, kStopTime, [this] { return connections.empty(); });
    for (const auto& connection : connections) connection->close();
    lock.unlock();
    handlers.join();  // a handler that reads a body needs the transporters until it ends
    io.stop();
  }
};

HttpServer::HttpServer(const std::string& host, std::uint16_t port,
                       const std::vector<std::pair<std::string, std::string>>& headers, Handler handler)
    : implementation_(std::make_unique<Implementation>(std::move(handler), headers)) {
  implementation_->listen(host, port);
}

HttpServer::~HttpServer() = default;

void HttpServer::serve() {
  implementation_->serve();
}

void HttpServer::stop() {
  {
    const std::lock_guard lock(implementation_->mutex);
    implementation_->stops = true;
  }
  implementation_->changed.notify_all();
}

bool HttpServer::stopping() const {
  return implementation_->stops;
}

std::uint16_t HttpServer::port() const {
  return implementation_->port;
}

}  // namespace pocketstyle::serve

// SPDX-License-Identifier: Apache-2.0
#include "train/reach.h"

#include "pocketstyle/train/process_group.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <thread>

namespace pocketstyle::train {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kBetweenTries = std::chrono::milliseconds(100);
constexpr int kTryMs = 3000;  // an address that drops packets would otherwise block for minutes

struct Socket {
  explicit Socket(const addrinfo& to)
      : fd(::socket(to.ai_family, to.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to.ai_protocol)) {}
  ~Socket() {
    if (fd >= 0) ::close(fd);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd;
};

/// 0, or the errno of the connection that failed.
int connect_once(int fd, const addrinfo& to) {
  if (::connect(fd, to.ai_addr, to.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd waiting{fd, POLLOUT, 0};
  const int ready = ::poll(&waiting, 1, kTryMs);
  if (ready <= 0) return ready == 0 ? ETIMEDOUT : errno;
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

std::string own_address(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, NI_MAXHOST> text{};
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::getsockname(fd, generic, &size) != 0 ||
      ::getnameinfo(generic, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0)
    return "127.0.0.1";
  return text.data();
}

}  // namespace

std::string reach(const std::string& host, std::uint16_t port, Clock::time_point deadline) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failed != 0) throw UsageError("master address {}: {}", host, ::gai_strerror(failed));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  int error = ETIMEDOUT;
  do {
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
      const Socket socket(*address);
      error = socket.fd < 0 ? errno : connect_once(socket.fd, *address);
      if (error == 0) return own_address(socket.fd);
    }
    std::this_thread::sleep_for(kBetweenTries);
  } while (Clock::now() < deadline);
  throw PeerLost("nothing answers at {}:{} ({}); is rank 0 running there, and is the port open?", host, port,
                 std::generic_category().message(error));
}

}  // namespace pocketstyle::train

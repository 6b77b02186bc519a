// SPDX-License-Identifier: Apache-2.0
#include "serve/connection.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pocketstyle::serve {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMaxHeadBytes = 32768;
constexpr seconds kHeadTime{10}, kBodyTime{600}, kReadPause{15}, kWritePause{15};
constexpr milliseconds kStopPoll{200};
constexpr std::size_t kMaxLingerBytes = 1U << 20U;  // read off a connection that is closed early, so that the reply is
constexpr milliseconds kLingerTime{500};            // not lost with what the client still sends

void address(int (*get)(int, sockaddr*, socklen_t*), int socket, std::string& ip, int& port) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  auto* const generic = reinterpret_cast<sockaddr*>(&storage);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (get(socket, generic, &length) != 0) return;
  if (storage.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
    ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
    port = ntohs(v4->sin_port);
  } else if (storage.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    port = ntohs(v6->sin6_port);
  }
  ip = text.data();
}

}  // namespace

Connection::Connection(int socket, std::function<bool()> stopping)
    : socket_(socket), stopping_(std::move(stopping)), last_moment_(Clock::now() + kHeadTime) {}

Connection::~Connection() {
  ::shutdown(socket_, SHUT_WR);
  if (closes_) {
    const auto until = Clock::now() + kLingerTime;
    for (std::size_t count = 0; count < kMaxLingerBytes && wait(POLLIN, until);) {
      const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
      if (got <= 0) break;
      count += static_cast<std::size_t>(got);
    }
  }
  ::close(socket_);
}

bool Connection::wait(short events, Clock::time_point until) const {
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    pollfd one{socket_, events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::max<milliseconds::rep>(0, left.count())));
    if (ready > 0) return (one.revents & (events | POLLHUP)) != 0;
    if (ready == 0 || errno != EINTR) return false;
  }
}

bool Connection::wait_for_request(seconds patience) {
  const auto until = Clock::now() + patience;
  while (begin_ == end_ && !wait(POLLIN, std::min(until, Clock::now() + kStopPoll)))
    if (stopping_() || Clock::now() >= until) return false;
  in_head_ = true;
  head_bytes_ = 0;
  last_moment_ = Clock::now() + kHeadTime;
  return true;
}

void Connection::begin_body() {
  in_head_ = false;
  last_moment_ = Clock::now() + kBodyTime;
}

bool Connection::fill() {
  if (!wait(POLLIN, std::min(last_moment_, Clock::now() + kReadPause))) return false;
  const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
  begin_ = 0;
  end_ = got > 0 ? static_cast<std::size_t>(got) : 0;
  return got > 0;
}

ssize_t Connection::read(char* into, size_t size) {
  if (in_head_ && head_bytes_ >= kMaxHeadBytes) closes_ = true;
  if ((in_head_ && closes_) || (begin_ == end_ && !fill())) {
    closes_ = true;
    return -1;
  }
  const std::size_t count = std::min(size, end_ - begin_);
  std::memcpy(into, buffer_.data() + begin_, count);
  begin_ += count;
  if (in_head_) head_bytes_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t Connection::write(const char* from, size_t size) {
  if (!wait(POLLOUT, Clock::now() + kWritePause)) return -1;
  return ::send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool Connection::is_readable() const {
  return begin_ < end_ || wait(POLLIN, std::min(last_moment_, Clock::now() + kReadPause));
}

bool Connection::is_writable() const {
  char byte = 0;
  const ssize_t got = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  const bool is_alive = got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
  return is_alive && wait(POLLOUT, Clock::now() + kWritePause);
}

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  address(::getpeername, socket_, ip, port);
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  address(::getsockname, socket_, ip, port);
}

socket_t Connection::socket() const {
  return 0;  // only compared with FD_SETSIZE, for a select() that is not used here
}

}  // namespace pocketstyle::serve

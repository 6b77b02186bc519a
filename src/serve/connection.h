// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <httplib.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace pocketstyle::serve {

/// A client's socket as httplib reads and writes it, with limits that its own has not: a request's head has a largest
/// size and a last moment, and so has its body. Closes the socket.
class Connection : public httplib::Stream {
 public:
  Connection(int socket, std::function<bool()> stopping);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Waits for the first byte of a request. False if none comes in time, or the server stops.
  bool wait_for_request(std::chrono::seconds patience);
  /// What is read from now on is a body.
  void begin_body();
  /// Something of a request was not read: nothing that comes later can be understood.
  void close_after_reply() { closes_ = true; }
  [[nodiscard]] bool closes() const { return closes_; }

  [[nodiscard]] bool is_readable() const override;
  [[nodiscard]] bool is_writable() const override;  ///< false too when the client is gone
  ssize_t read(char* into, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  [[nodiscard]] socket_t socket() const override;

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] bool wait(short events, Clock::time_point until) const;
  bool fill();

  int socket_;
  std::function<bool()> stopping_;
  std::array<char, 8192> buffer_{};
  std::size_t begin_ = 0, end_ = 0;  ///< of what is buffered
  std::size_t head_bytes_ = 0;
  bool in_head_ = true, closes_ = false;
  Clock::time_point last_moment_;
};

}  // namespace pocketstyle::serve

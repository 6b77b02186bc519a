// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/core/error.h"

#include <torch/torch.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace pocketstyle::train {

/// This process's place among the processes that train one network together. `local`: among those on the same machine.
struct Place {
  int rank = 0, world = 1;
  int local_rank = 0, local_world = 1;
};

/// Where the processes find each other: at a TCP port of rank 0's machine, or in a file that all of them can access.
struct Rendezvous {
  std::string address = "127.0.0.1";
  std::uint16_t port = 29500;
  std::filesystem::path file;            ///< if not empty, used instead of the port; must not exist yet
  bool hosted = false;                   ///< another process already listens on the port (as torchrun does)
  std::string prefix = "pocketstyle";    ///< prefix of our keys
  std::chrono::milliseconds timeout{0};  ///< wait for the others to join, and later for each exchange
};

/// Another process of the group died, hangs, or is unreachable.
class PeerLost : public RuntimeFailure {
 public:
  using RuntimeFailure::RuntimeFailure;
};

/// The processes that train one network together; this class is the group of one, join() makes larger ones. All
/// processes of a group must call the same functions in the same order; afterwards all hold identical bits. Every call
/// may throw PeerLost, after which the group is unusable. Not thread-safe.
class ProcessGroup {
 public:
  ProcessGroup() = default;
  virtual ~ProcessGroup() = default;
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  [[nodiscard]] const Place& place() const { return place_; }
  [[nodiscard]] int world() const { return place_.world; }
  /// Whether this process reads and writes the run folder.
  [[nodiscard]] bool leader() const { return place_.rank == 0; }

  /// Replaces `values`, of any shape and device, by their mean over the processes.
  virtual void all_reduce_mean(torch::Tensor& /*values*/) {}
  /// Replaces `values` by those of rank 0.
  virtual void broadcast(torch::Tensor& /*values*/) {}

  /// Whether `mine` is true on any process.
  bool any(bool mine);
  /// Rank 0's text.
  std::string broadcast_text(const std::string& mine);

 protected:
  explicit ProcessGroup(const Place& place) : place_(place) {}

 private:
  Place place_;
};

/// Throws UsageError if this build cannot join a group, which needs LibTorch with c10d and Gloo, and their headers.
void check_can_join();

/// Connects to the other processes and returns when all have joined. Gradients on CUDA devices go through NCCL if
/// LibTorch has it, everything else through Gloo; if all processes are on one machine, only the loopback address is
/// listened on. From then on SIGPIPE is ignored, since Gloo writes to sockets that a dead peer has closed. Throws
/// UsageError (not supported by this build, another world size, a duplicate rank), PeerLost (nobody answers or not all
/// joined within the timeout).
std::unique_ptr<ProcessGroup> join(const Place& place, const Rendezvous& rendezvous);

}  // namespace pocketstyle::train

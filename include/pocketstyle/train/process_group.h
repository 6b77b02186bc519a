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

/// Which of the processes that train one network together this one is. `local`: among those on its machine.
struct Place {
  int rank = 0, world = 1;
  int local_rank = 0, local_world = 1;
};

/// Where the processes find each other: at a TCP port of rank 0's machine, or in a file that all of them can see.
struct Rendezvous {
  std::string address = "127.0.0.1";
  std::uint16_t port = 29500;
  std::filesystem::path file;            ///< not empty: this file, which must not exist before, instead of the port
  bool hosted = false;                   ///< somebody else listens at the port already (torchrun does)
  std::string prefix = "pocketstyle";    ///< of our keys there
  std::chrono::milliseconds timeout{0};  ///< for the others to come, and later for their part of an exchange
};

/// Another process of the group died, hangs, or cannot be reached any more.
class PeerLost : public RuntimeFailure {
 public:
  using RuntimeFailure::RuntimeFailure;
};

/// The processes that train one network together; this class is the group of one, join() makes larger ones. All of a
/// group call the same functions in the same order, and afterwards all hold the same bits. Every call may throw
/// PeerLost, after which the group is of no more use. Not thread-safe.
class ProcessGroup {
 public:
  ProcessGroup() = default;
  virtual ~ProcessGroup() = default;
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  [[nodiscard]] const Place& place() const { return place_; }
  [[nodiscard]] int world() const { return place_.world; }
  /// The one that reads and writes the run folder.
  [[nodiscard]] bool leader() const { return place_.rank == 0; }

  /// Replaces `values`, of any shape and device, by their mean over the processes.
  virtual void all_reduce_mean(torch::Tensor& /*values*/) {}
  /// Replaces `values` by those of rank 0.
  virtual void broadcast(torch::Tensor& /*values*/) {}

  /// Whether `mine` is true on any of them.
  bool any(bool mine);
  /// Rank 0's text.
  std::string broadcast_text(const std::string& mine);

 protected:
  explicit ProcessGroup(const Place& place) : place_(place) {}

 private:
  Place place_;
};

/// Throws UsageError unless this build can join a group: LibTorch with c10d and Gloo, and the headers for them.
void check_can_join();

/// Meets the other processes and returns when all are there. Gradients on CUDA devices go through NCCL where LibTorch
/// has it, all else through Gloo; between processes of one machine only the loopback address is listened on. From then
/// on SIGPIPE is ignored, since Gloo writes to sockets that a dead peer has closed.
/// Throws UsageError (this build cannot, another world size, a rank that is there twice), PeerLost (nobody answers or
/// not all came within the timeout).
std::unique_ptr<ProcessGroup> join(const Place& place, const Rendezvous& rendezvous);

}  // namespace pocketstyle::train

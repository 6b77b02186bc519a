// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/folders.h"
#include "serve/metrics.h"
#include "serve/store.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace pocketstyle::serve {

/// The events of one job, for one client, as text/event-stream: first the whole job, then the losses so far, then
/// updates. When a job has ended, the job itself comes last, since it ends the stream.
class JobEvents {
 public:
  /// `last_step`: the client has the losses up to this step; -1: none.
  JobEvents(const Store& store, Folders folders, std::string id, std::int64_t last_step);
  /// Events since the last call; may be empty. Throws DataError.
  std::string take();
  /// Whether there will be no more events.
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  void take_metrics(std::string& text);
  const Store& store_;
  Folders folders_;
  std::string id_;
  MetricsReader metrics_;
  std::int64_t last_step_;
  std::vector<LossPoint> losses_;            ///< sent to the client, or known to it before
  std::vector<ValidationPoint> validation_;  ///< sent to the client
  std::int64_t preview_step_ = -1;
  std::string job_;
  bool ended_ = false;
};

}  // namespace pocketstyle::serve

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/folders.h"
#include "serve/metrics.h"
#include "serve/store.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace pocketstyle::serve {

/// What happens to one job, for one client, as text/event-stream: the whole job at first, the losses so far, then
/// whatever is new. Of a job that has ended the job comes last, since it ends the stream.
class JobEvents {
 public:
  /// `last_step`: the client has the losses up to there; -1: none.
  JobEvents(const Store& store, Folders folders, std::string id, std::int64_t last_step);
  /// What is new since the last call; empty if nothing is. Throws DataError.
  std::string take();
  /// Nothing more will come.
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  void take_metrics(std::string& text);
  const Store& store_;
  Folders folders_;
  std::string id_;
  MetricsReader metrics_;
  std::int64_t last_step_;
  std::vector<LossPoint> losses_;            ///< that were sent, or that the client had
  std::vector<ValidationPoint> validation_;  ///< that were sent
  std::int64_t preview_step_ = -1;
  std::string job_;
  bool ended_ = false;
};

}  // namespace pocketstyle::serve

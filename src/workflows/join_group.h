// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/train/process_group.h"
#include "pocketstyle/workflows/processes.h"

#include <memory>

namespace pocketstyle::workflows {

/// The group of this process, from torchrun's environment variables if they are set, else from `options`: joined, or a
/// group of one. Throws UsageError, PeerLost.
std::shared_ptr<train::ProcessGroup> join_group(const ProcessOptions& options);

}  // namespace pocketstyle::workflows

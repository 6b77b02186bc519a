// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"

namespace pocketstyle::train {

/// Learning rate of the step after `steps_done`: linear warm-up to the peak, then half a cosine down to
/// `final_rate` of it at the last step (Loshchilov and Hutter 2017).
double learning_rate(const config::TrainConfig& config, std::int64_t steps_done);

}  // namespace pocketstyle::train

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace pocketstyle::report {

/// The paper's printed numbers and their inconsistencies.
nlohmann::ordered_json paper_json();

}  // namespace pocketstyle::report

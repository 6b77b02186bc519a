// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace pocketstyle::report {

/// What the paper prints, and what of it does not add up.
nlohmann::ordered_json paper_json();

}  // namespace pocketstyle::report

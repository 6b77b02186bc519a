// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"

#include <string>

namespace pocketstyle::run {

/// Metadata keys of all our weights files, checkpoints and exports (docs/formats.md).
inline constexpr const char* kFormatKey = "pocketstyle.format";     ///< "weights 1" or "checkpoint 1"
inline constexpr const char* kArchitectureKey = "pocketstyle.net";  ///< architecture_to_json()
inline constexpr const char* kProvenanceKey = "pocketstyle.run";    ///< make_provenance()

inline constexpr const char* kWeightsFormat = "weights 1";
inline constexpr const char* kCheckpointFormat = "checkpoint 1";

/// {"kernel", "widths", "block", "blocks", "mid"}.
std::string architecture_to_json(const config::Architecture& architecture);
/// Throws DataError (`where` names the file) on malformed JSON or numbers out of range.
config::Architecture architecture_from_json(const std::string& json, const std::string& where);

}  // namespace pocketstyle::run

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pocketstyle::serve {

/// Unpredictable random bytes as hexadecimal digits, two per byte. Throws RuntimeFailure.
std::string random_hex(std::size_t bytes);

/// 16 hexadecimal digits, the id of a job and of the model that it produces.
std::string new_id();

/// "2026-11-26T00:10:02Z"
std::string now_utc();

/// Lower-cases ASCII letters.
std::string lower(std::string text);

/// "the_great_wave" for "The Great Wave!"; empty if there are no ASCII letters or digits.
std::string slug(std::string_view name);

/// "Starry Night" for "starry_night", "Composition VII" for "composition_vii".
std::string title(std::string_view slug);

}  // namespace pocketstyle::serve

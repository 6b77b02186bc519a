// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pocketstyle::serve {

/// Random bytes that nobody can guess, as hexadecimal digits, two a byte. Throws RuntimeFailure.
std::string random_hex(std::size_t bytes);

/// 16 hexadecimal digits, of a job and of the model that it makes.
std::string new_id();

/// "2026-11-26T00:10:02Z"
std::string now_utc();

/// Letters of ASCII in lower case.
std::string lower(std::string text);

/// "The Great Wave!" as "the_great_wave"; empty if nothing of it is a letter or digit of ASCII.
std::string slug(std::string_view name);

/// "starry_night" as "Starry Night".
std::string title(std::string_view slug);

}  // namespace pocketstyle::serve

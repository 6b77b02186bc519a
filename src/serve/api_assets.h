// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pocketstyle::serve {

// Embedded into the program by the build (cmake/Embed.cmake).
extern const char* const kOpenApi;

}  // namespace pocketstyle::serve

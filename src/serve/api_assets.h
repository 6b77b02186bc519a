// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pocketstyle::serve {

// Put into the program when it is built (cmake/Embed.cmake).
extern const char* const kOpenApi;

}  // namespace pocketstyle::serve

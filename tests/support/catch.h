// SPDX-License-Identifier: Apache-2.0
#pragma once
// The one way to include Catch2 in a test. LibTorch also defines CHECK, so it comes first and loses it here; a test
// that needs torch includes <torch/torch.h> before this header. Catch2 2 and 3 both work.
#undef CHECK
#undef CHECK_THROWS

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;  // where Catch2 2 has it
#else
#include <catch2/catch.hpp>
#endif

/// Skips a test case that cannot run here, with the reason. Catch2 3 reports it as skipped, 2 prints a warning.
#ifdef SKIP
#define SKIP_TEST(why) SKIP(why)
#else
#define SKIP_TEST(why)        \
  do {                        \
    WARN("skipped: " << why); \
    SUCCEED();                \
    return;                   \
  } while (false)
#endif

#include "pocketstyle/core/error.h"

#include <functional>
#include <string>

namespace pocketstyle::testing {

/// The message of the pocketstyle::Error that `action` throws, preceded by its kind ("data: ..."); "no error" if it
/// does not throw.
std::string error_of(const std::function<void()>& action);
/// True if `text` contains `part`; on failure both are shown through INFO by the caller's CHECK of contains(...).
bool contains(const std::string& text, const std::string& part);

}  // namespace pocketstyle::testing

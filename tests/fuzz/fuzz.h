// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the fuzzers share. Each is a program by itself, which libFuzzer calls with bytes; a reader may refuse them with
// the exception that its header names. Any other exception, and what the sanitizers find, is a fault.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pocketstyle::fuzz {

/// Calls `read` with the bytes. Exceptions of the type Refusal are expected.
template <class Refusal, class Read>
int run(const std::uint8_t* data, std::size_t size, Read&& read) {
  try {
    read(std::string_view(reinterpret_cast<const char*>(data), size));
  } catch (const Refusal&) {
  }
  return 0;
}

}  // namespace pocketstyle::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

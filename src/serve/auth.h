// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

namespace pocketstyle::serve {

/// The token that a file holds. Throws DataError if it cannot be read.
std::string token_in(const std::filesystem::path& file);

/// The secret that write requests need. Only its SHA-256 is kept in memory.
class Token {
 public:
  /// Reads the file, or creates it with 32 random bytes, readable by this user only. Throws DataError: it cannot be
  /// read or written, holds fewer than 16 characters, or other users may read it.
  explicit Token(const std::filesystem::path& file);
  /// Checks "Bearer ...", as in an Authorization header. Takes the same time for any input.
  [[nodiscard]] bool accepts(std::string_view authorization) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  static Digest digest(std::string_view text);
  Digest digest_{};
};

}  // namespace pocketstyle::serve

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

namespace pocketstyle::serve {

/// The secret that writes need. Only its SHA-256 is kept in memory.
class Token {
 public:
  /// Reads the file, or makes it with 32 random bytes, for this user alone. Throws DataError: it cannot be read or
  /// written, holds fewer than 16 characters, or others may read it.
  explicit Token(const std::filesystem::path& file);
  /// Of "Bearer ...", as an Authorization header has it. Takes the same time whatever is given.
  [[nodiscard]] bool accepts(std::string_view authorization) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  static Digest digest(std::string_view text);
  Digest digest_{};
};

}  // namespace pocketstyle::serve

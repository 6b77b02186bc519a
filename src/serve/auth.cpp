// SPDX-License-Identifier: Apache-2.0
#include "serve/auth.h"

#include "serve/ids.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>

namespace pocketstyle::serve {
namespace {

constexpr std::size_t kTokenBytes = 32, kShortest = 16;
constexpr mode_t kOthers = 0077;

std::string read_token(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) {
    const mode_t before = ::umask(kOthers);
    write_file_atomically(file, random_hex(kTokenBytes) + "\n");
    ::umask(before);
  } else if ((info.st_mode & kOthers) != 0) {
    throw DataError("{}: other users can read it (mode {:o}); restrict it: chmod 600 {}", file.string(),
                    info.st_mode & 0777U, file.string());
  }
  std::string token = token_in(file);
  if (token.size() < kShortest)
    throw DataError("{}: expected a token of {} characters or more, found {}", file.string(), kShortest, token.size());
  return token;
}

}  // namespace

std::string token_in(const std::filesystem::path& file) {
  std::string token = read_file(file);
  token.erase(token.find_last_not_of(" \r\n") + 1);
  return token;
}

Token::Digest Token::digest(std::string_view text) {
  Digest digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw RuntimeFailure("SHA-256 is not available in this OpenSSL");
  return digest;
}

Token::Token(const std::filesystem::path& file) : digest_(digest(read_token(file))) {}

bool Token::accepts(std::string_view authorization) const {
  constexpr std::string_view kScheme = "bearer ";
  const bool has_scheme = lower(std::string(authorization.substr(0, kScheme.size()))) == kScheme;
  const Digest given = digest(has_scheme ? authorization.substr(kScheme.size()) : authorization);
  return CRYPTO_memcmp(given.data(), digest_.data(), given.size()) == 0 && has_scheme;
}

}  // namespace pocketstyle::serve

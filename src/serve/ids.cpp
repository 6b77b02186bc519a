// SPDX-License-Identifier: Apache-2.0
#include "serve/ids.h"

#include "pocketstyle/core/error.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cctype>
#include <ctime>
#include <vector>

namespace pocketstyle::serve {

std::string random_hex(std::size_t bytes) {
  std::vector<unsigned char> random(bytes);
  if (RAND_bytes(random.data(), static_cast<int>(bytes)) != 1)
    throw RuntimeFailure("OpenSSL cannot provide random numbers");
  return fmt::format("{:02x}", fmt::join(random, ""));
}

std::string new_id() {
  return random_hex(8);
}

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[] = "2026-11-26T00:10:02Z";
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string slug(std::string_view name) {
  std::string result;
  for (const unsigned char c : name) {
    if (std::isalnum(c))
      result += static_cast<char>(std::tolower(c));
    else if (!result.empty() && result.back() != '_')
      result += '_';
  }
  if (!result.empty() && result.back() == '_') result.pop_back();
  return result;
}

std::string title(std::string_view slug) {
  std::string result;
  while (!slug.empty()) {
    const std::string_view word = slug.substr(0, slug.find('_'));
    const bool roman_number = word.find_first_not_of("ivx") == word.npos;
    for (std::size_t i = 0; i < word.size(); ++i) {
      const auto c = static_cast<unsigned char>(word[i]);
      result += static_cast<char>(i == 0 || roman_number ? std::toupper(c) : c);
    }
    slug.remove_prefix(word.size());
    if (slug.empty()) break;
    result += ' ';
    slug.remove_prefix(1);
  }
  return result;
}

}  // namespace pocketstyle::serve

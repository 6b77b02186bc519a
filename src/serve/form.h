// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace pocketstyle::serve {

/// The fields of a multipart/form-data body by name; of duplicate fields, the first.
using Form = std::map<std::string, std::string>;

struct FormLimits {
  std::string large_field;  ///< may have `large_bytes`, the others `small_bytes`
  std::size_t large_bytes, small_bytes;
  std::size_t fields;
  /// The most that a body within these limits has, with room for its boundaries and headers.
  [[nodiscard]] std::size_t body_bytes() const { return large_bytes + fields * (small_bytes + 1024); }
};

/// The boundary in a Content-Type header. Throws HttpError if the type is not multipart/form-data with a boundary.
std::string form_boundary(const std::string& content_type);

/// RFC 7578. Throws HttpError: 400 if the body is not a whole form, 413 beyond the limits.
Form parse_form(std::string_view body, const std::string& boundary, const FormLimits& limits);

}  // namespace pocketstyle::serve

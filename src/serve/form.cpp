// SPDX-License-Identifier: Apache-2.0
#include "serve/form.h"

#include "serve/errors.h"
#include "serve/ids.h"

#include <boost/beast/http/rfc7230.hpp>
#include <fmt/format.h>

namespace pocketstyle::serve {
namespace {

constexpr std::string_view kLine = "\r\n", kHeadEnd = "\r\n\r\n", kLastMark = "--";
constexpr std::size_t kMaxBoundary = 70;  // RFC 2046
constexpr std::size_t kMaxPartHead = 1024;

[[noreturn]] void broken() {
  throw HttpError(errors::invalid_request, "the body is truncated or not multipart/form-data");
}

/// The value of a parameter of "type; name=value; ...", "" if there is none.
std::string parameter(std::string_view header, std::string_view name) {
  const auto begin = header.find(';');
  if (begin == std::string_view::npos) return {};
  const boost::beast::string_view rest(header.data() + begin, header.size() - begin);
  for (const auto& [key, value] : boost::beast::http::param_list(rest))
    if (lower({key.data(), key.size()}) == name) return {value.data(), value.size()};
  return {};
}

/// The name of a part by the lines of its head.
std::string part_name(std::string_view head) {
  constexpr std::string_view kField = "content-disposition:";
  for (std::size_t begin = 0; begin < head.size();) {
    const std::size_t end = std::min(head.find(kLine, begin), head.size());
    const std::string_view line = head.substr(begin, end - begin);
    if (lower(std::string(line.substr(0, kField.size()))) == kField) return parameter(line, "name");
    begin = end + kLine.size();
  }
  return {};
}

}  // namespace

std::string form_boundary(const std::string& content_type) {
  std::string type = lower(content_type.substr(0, content_type.find(';')));
  type.erase(type.find_last_not_of(" \t") + 1);
  if (type != "multipart/form-data") throw HttpError(errors::wrong_type, "expected multipart/form-data");
  std::string boundary = parameter(content_type, "boundary");
  if (boundary.empty() || boundary.size() > kMaxBoundary)
    throw HttpError(errors::invalid_request, "Content-Type: expected a boundary of 1 to 70 characters");
  return boundary;
}

Form parse_form(std::string_view body, const std::string& boundary, const FormLimits& limits) {
  const std::string first = "--" + boundary, mark = "\r\n--" + boundary;
  if (!body.starts_with(first)) broken();
  std::string_view rest = body.substr(first.size());
  Form form;
  std::size_t fields = 0;
  while (!rest.starts_with(kLastMark)) {
    if (!rest.starts_with(kLine)) broken();
    rest.remove_prefix(kLine.size());
    const std::size_t head = rest.substr(0, kMaxPartHead).find(kHeadEnd);
    if (head == std::string_view::npos) broken();
    const std::string name = part_name(rest.substr(0, head));
    rest.remove_prefix(head + kHeadEnd.size());
    const std::size_t length = rest.find(mark);
    if (length == std::string_view::npos) broken();
    const std::size_t most = name == limits.large_field ? limits.large_bytes : limits.small_bytes;
    if (++fields > limits.fields)
      throw HttpError(errors::too_large, fmt::format("expected at most {} fields", limits.fields));
    if (length > most)
      throw HttpError(errors::too_large, fmt::format("{}: a field has more than {} bytes", name, most));
    form.try_emplace(name, rest.substr(0, length));
    rest.remove_prefix(length + mark.size());
  }
  return form;
}

}  // namespace pocketstyle::serve

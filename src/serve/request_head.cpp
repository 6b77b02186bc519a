// SPDX-License-Identifier: Apache-2.0
#include "serve/request_head.h"

#include "serve/errors.h"
#include "serve/ids.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace pocketstyle::serve {
namespace http = boost::beast::http;
namespace {

using Request = http::request<http::empty_body>;

[[noreturn]] void invalid(const char* why) {
  throw HttpError(errors::invalid_request, why);
}

std::string text(boost::beast::string_view view) {
  return {view.data(), view.size()};
}

bool is_one_of(const std::string& all, char c) {
  return all.find(c) != std::string::npos;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Without percent signs; in a query, a plus is a space.
std::string decoded(std::string_view coded, bool is_query) {
  std::string plain;
  for (std::size_t i = 0; i < coded.size(); ++i) {
    if (coded[i] == '%' && i + 2 < coded.size() && hex_digit(coded[i + 1]) >= 0 && hex_digit(coded[i + 2]) >= 0) {
      plain += static_cast<char>(hex_digit(coded[i + 1]) * 16 + hex_digit(coded[i + 2]));
      i += 2;
    } else {
      plain += is_query && coded[i] == '+' ? ' ' : coded[i];
    }
  }
  return plain;
}

void take_target(std::string_view target, RequestHead& head) {
  if (target.empty() || target.front() != '/') invalid("expected a path that begins with a slash");
  if (target.size() > kMaxPathBytes) throw HttpError(errors::path_too_long, "the path is too long");
  const std::size_t mark = std::min(target.find('?'), target.size());
  head.path = decoded(target.substr(0, mark), false);
  for (std::string_view rest = target.substr(std::min(mark + 1, target.size())); !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    head.query.emplace(decoded(pair.substr(0, equals), true),
                       decoded(pair.substr(std::min(equals + 1, pair.size())), true));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
  }
}

/// The only value of a header; empty if there is none.
std::optional<std::string> only(const Request& request, http::field name, const char* if_more) {
  if (request.count(name) > 1) invalid(if_more);
  const auto found = request.find(name);
  if (found == request.end()) return std::nullopt;
  return text(found->value());
}

void take_body(const Request& request, RequestHead& head) {
  constexpr const char* kUnclear = "the length of the body is ambiguous";
  const auto length = only(request, http::field::content_length, kUnclear);
  const auto coding = only(request, http::field::transfer_encoding, kUnclear);
  head.body_bytes = 0;
  if (coding) {
    if (length || request.version() < 11 || lower(*coding) != "chunked") invalid(kUnclear);
    head.body_bytes.reset();
  } else if (length) {
    std::uint64_t bytes = 0;
    const auto parsed = std::from_chars(length->data(), length->data() + length->size(), bytes);
    if (parsed.ec != std::errc() || parsed.ptr != length->data() + length->size()) invalid(kUnclear);
    head.body_bytes = bytes;
  }
  const bool may_have_body = is_one_of("PD", head.method.front()) && head.method != "PRI";  // POST, PUT, PATCH, DELETE
  if (head.body_bytes != std::uint64_t{0} && !may_have_body) invalid("expected no body");
}

}  // namespace

std::string host_name(const std::string& host) {
  const std::size_t end = host.starts_with('[') ? host.find(']') : host.find(':');
  const bool is_address = host.starts_with('[');
  if (is_address && end == std::string::npos) return {};
  const std::string name = host.substr(0, is_address ? end + 1 : end);
  const std::string rest = host.substr(name.size());
  const auto is_name = [&](unsigned char c) {
    return std::isalnum(c) || is_one_of(is_address ? ":.[]%" : ".-_", static_cast<char>(c));
  };
  const bool has_port = rest.size() >= 2 && rest.size() <= 6 && rest.front() == ':' &&
                        std::all_of(rest.begin() + 1, rest.end(), [](unsigned char c) { return std::isdigit(c); });
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_name) || !(rest.empty() || has_port)) return {};
  return lower(name);
}

RequestHead understand(const Request& request) {
  RequestHead head;
  head.method = text(request.method_string());
  head.version = request.version();
  if (request.version() != 11 && request.version() != 10) invalid("expected HTTP/1.1");
  if (head.method == "PRI" || head.method == "CONNECT" || head.method == "TRACE")
    throw HttpError(errors::method_not_allowed, "this method is not supported");
  take_target({request.target().data(), request.target().size()}, head);
  const auto host = only(request, http::field::host, "expected one Host header");
  if (!host) invalid("expected a Host header");
  if (host_name(*host).empty()) invalid("Host: expected a name, and a port or none");
  take_body(request, head);
  head.keep_alive = request.keep_alive();
  if (const auto expects = only(request, http::field::expect, "expected one Expect header")) {
    head.wants_to_know = lower(*expects) == "100-continue";
    if (!head.wants_to_know) invalid("Expect: only 100-continue is supported");
  }
  return head;
}

}  // namespace pocketstyle::serve

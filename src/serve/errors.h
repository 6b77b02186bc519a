// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <stdexcept>
#include <string>

namespace pocketstyle::serve {

/// What a request was refused for: the status of the reply, and the code in it, which programs rely on.
struct ErrorCode {
  int status;
  const char* code;
};

namespace errors {
inline constexpr ErrorCode invalid_request{400, "invalid_request"};
inline constexpr ErrorCode invalid_field{400, "invalid_field"};
inline constexpr ErrorCode no_token{401, "no_token"};
inline constexpr ErrorCode wrong_token{401, "wrong_token"};
inline constexpr ErrorCode host_not_allowed{403, "host_not_allowed"};
inline constexpr ErrorCode not_found{404, "not_found"};
inline constexpr ErrorCode lease_lost{404, "lease_lost"};
inline constexpr ErrorCode method_not_allowed{405, "method_not_allowed"};
inline constexpr ErrorCode job_has_ended{409, "job_has_ended"};
inline constexpr ErrorCode job_has_not_ended{409, "job_has_not_ended"};
inline constexpr ErrorCode file_failed{410, "file_failed"};
inline constexpr ErrorCode too_large{413, "too_large"};
inline constexpr ErrorCode path_too_long{414, "path_too_long"};
inline constexpr ErrorCode wrong_type{415, "wrong_type"};
inline constexpr ErrorCode range_not_satisfiable{416, "range_not_satisfiable"};
inline constexpr ErrorCode key_reused{422, "key_reused"};
inline constexpr ErrorCode too_many_requests{429, "too_many_requests"};
inline constexpr ErrorCode too_many_wrong_tokens{429, "too_many_wrong_tokens"};
inline constexpr ErrorCode too_many_streams{429, "too_many_streams"};
inline constexpr ErrorCode head_too_large{431, "head_too_large"};
inline constexpr ErrorCode internal_error{500, "internal_error"};
inline constexpr ErrorCode unavailable{503, "unavailable"};

inline constexpr std::array all = {invalid_request,    invalid_field,     no_token,
                                   wrong_token,        host_not_allowed,  not_found,
                                   method_not_allowed, job_has_ended,     job_has_not_ended,
                                   lease_lost,         file_failed,       too_large,
                                   path_too_long,      wrong_type,        range_not_satisfiable,
                                   key_reused,         too_many_requests, too_many_wrong_tokens,
                                   too_many_streams,   head_too_large,    internal_error,
                                   unavailable};
}  // namespace errors

/// Thrown by a handler: the reply is {"code": ..., "error": what()}.
class HttpError : public std::runtime_error {
 public:
  HttpError(const ErrorCode& code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] const ErrorCode& code() const { return code_; }

 private:
  ErrorCode code_;
};

/// The body of that reply.
std::string error_json(const ErrorCode& code, const std::string& message);

}  // namespace pocketstyle::serve

// SPDX-License-Identifier: Apache-2.0
#include "fuzz/fuzz.h"
#include "serve/errors.h"
#include "serve/request_head.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

using namespace pocketstyle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run<serve::HttpError>(data, size, [](std::string_view bytes) {
    boost::beast::http::request_parser<boost::beast::http::empty_body> parser;
    parser.header_limit(serve::kMaxHeadBytes);
    boost::system::error_code error;
    parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    if (!error && parser.is_header_done()) static_cast<void>(serve::understand(parser.get()));
  });
}

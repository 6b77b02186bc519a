// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/make.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/export/unverified.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/nn/weights.h"
#include "pocketstyle/stylize/stylize.h"
#include "pocketstyle/workflows/threads.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <thread>

namespace pocketstyle::workflows {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPoll{25};

/// The first request by name; empty if there is none.
fs::path next_request(const fs::path& folder) {
  fs::path first;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".json" && (first.empty() || entry.path() < first)) first = entry.path();
  if (error) throw DataError("{}: {}", folder.string(), error.message());
  return first;
}

media::Image picture_in(const Json& request) {
  const auto size = request.at("size").get<std::int64_t>();
  media::Image image = media::load_image(request.at("input").get<std::string>());
  return std::max(image.width, image.height) > size ? media::resize_long_side(image, size) : image;
}

Json saved(const media::Image& image, const fs::path& output) {
  media::save_image(output, image);
  return {{"bytes", fs::file_size(output)}, {"sha256", file_sha256(output)}};
}

Json make(const Json& request) {
  const auto text = [&](const char* key) { return request.at(key).get<std::string>(); };
  const std::string kind = text("make");
  if (kind == "picture") return saved(picture_in(request), text("output"));
  if (kind == "stylized") {
    const auto model = stylize::load_style_model(text("weights"));
    return saved(stylize::stylize(*model, picture_in(request), {}), text("output"));
  }
  if (kind != "export") throw DataError("make '{}': expected picture, stylized or export", kind);
  const auto made = exporting::export_unverified(nn::load_net(text("weights")), text("output"), text("name"),
                                                 formats::format_from_string(text("format")),
                                                 formats::precision_from_string(text("precision")));
  return {{"bytes", made.bytes}, {"sha256", made.sha256}};
}

/// Works on one request: NAME.json becomes NAME.busy, then NAME.done.
void answer(const fs::path& request) {
  fs::path busy = request, done = request;
  busy.replace_extension(".busy");
  done.replace_extension(".done");
  fs::rename(request, busy);
  Json answer;
  try {
    answer = make(Json::parse(read_file(busy)));
  } catch (const std::exception& error) {
    answer = {{"error", first_line(error.what())}};
  }
  write_file_atomically(done, json_text(answer));
  fs::remove(busy);
}

}  // namespace

void make_files(const fs::path& folder, std::chrono::milliseconds patience) {
  set_default_threads();
  auto last = Clock::now();
  while (Clock::now() - last < patience) {
    if (const fs::path request = next_request(folder); !request.empty()) {
      answer(request);
      last = Clock::now();
    } else {
      std::this_thread::sleep_for(kPoll);
    }
  }
}

}  // namespace pocketstyle::workflows

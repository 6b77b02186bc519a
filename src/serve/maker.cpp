// SPDX-License-Identifier: Apache-2.0
#include "serve/maker.h"

#include "serve/folders.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/core/log.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <future>

namespace pocketstyle::serve {
namespace fs = std::filesystem;
namespace {

constexpr auto kPoll = std::chrono::milliseconds(25);
constexpr auto kAfterFailure = std::chrono::seconds(1);
constexpr const char* kRequest = ".json";
constexpr const char* kBusy = ".busy";
constexpr const char* kDone = ".done";

std::string request_text(const Maker::Request& request) {
  return json_text(nlohmann::json{{"make", request.make},
                                  {"weights", request.weights},
                                  {"input", request.input},
                                  {"output", request.output},
                                  {"name", request.name},
                                  {"format", request.format},
                                  {"precision", request.precision},
                                  {"size", request.size}});
}

Maker::Made read_answer(const fs::path& file) {
  try {
    const auto json = nlohmann::json::parse(read_file(file));
    return {json.value("bytes", std::int64_t{0}), json.value("sha256", ""), json.value("error", "")};
  } catch (const std::exception&) {
    return {.error = "the answer cannot be read"};
  }
}

Maker::Made not_tried(const std::string& error) {
  return {.error = error, .was_tried = false};
}

}  // namespace

Maker::Maker(fs::path folder, fs::path log, RunProgram run)
    : folder_(std::move(folder)), log_(std::move(log)), run_(std::move(run)) {
  remove_folder(folder_);
  fs::create_directories(folder_);
  threads_.emplace_back([this] { run_program(); });
  threads_.emplace_back([this] { collect(); });
}

Maker::~Maker() {
  stop();
}

void Maker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_.request_stop();
  }
  changed_.notify_all();
  threads_.clear();
  answer_all("the server is stopping");
}

std::size_t Maker::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_.size();
}

void Maker::ask(const Request& request, Urgency urgency, std::function<void(const Made&)> made) {
  std::unique_lock lock(mutex_);
  if (stop_.stop_requested()) {
    lock.unlock();
    return made(not_tried("the server is stopping"));
  }
  const std::string name = fmt::format("{}-{:08}", urgency == Urgency::someone_waits ? 1 : 2, ++count_);
  try {
    write_file_atomically(folder_ / (name + kRequest), request_text(request));
  } catch (const Error& error) {
    lock.unlock();
    return made(not_tried(error.what()));
  }
  asked_[name] = std::move(made);
  lock.unlock();
  changed_.notify_all();
}

Maker::Made Maker::make(const Request& request, Urgency urgency) {
  std::promise<Made> promise;
  ask(request, urgency, [&](const Made& made) { promise.set_value(made); });
  const Made made = promise.get_future().get();
  if (!made.error.empty()) throw RuntimeFailure("{}", made.error);
  return made;
}

/// Keeps the program running while something is asked for.
void Maker::run_program() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !asked_.empty() || stop_.stop_requested(); });
    if (stop_.stop_requested()) return;
    lock.unlock();
    std::string failure;
    try {
      if (const int code = run_({kMakeCommand, folder_.string()}, log_, stop_.get_token()); code != 0)
        failure = command_failure("make", code, log_);
    } catch (const Error& error) {
      failure = error.what();
    }
    if (!failure.empty() && !stop_.stop_requested()) {
      log()->error("[serve] {}", failure);
      answer_busy(failure);
    }
    lock.lock();
    if (!failure.empty()) changed_.wait_for(lock, kAfterFailure, [this] { return stop_.stop_requested(); });
  }
}

/// What the program was working on when it failed is answered with an error, so that no request can fail it twice. It
/// may have failed because the disk is full: nothing is written.
void Maker::answer_busy(const std::string& error) {
  std::vector<std::function<void(const Made&)>> waiting;
  {
    const std::lock_guard lock(mutex_);
    std::error_code ignored;
    for (auto each = asked_.begin(); each != asked_.end();) {
      if (!fs::remove(folder_ / (each->first + kBusy), ignored)) {
        ++each;
        continue;
      }
      fs::remove(folder_ / (each->first + kDone), ignored);
      waiting.push_back(std::move(each->second));
      each = asked_.erase(each);
    }
  }
  for (const auto& made : waiting) made({.error = error});
}

void Maker::collect() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !asked_.empty() || stop_.stop_requested(); });
    if (stop_.stop_requested()) return;
    std::vector<std::pair<std::function<void(const Made&)>, Made>> answers;
    for (auto each = asked_.begin(); each != asked_.end();) {
      const fs::path done = folder_ / (each->first + kDone);
      std::error_code ignored;
      if (!fs::exists(done, ignored)) {
        ++each;
        continue;
      }
      answers.emplace_back(std::move(each->second), read_answer(done));
      fs::remove(done, ignored);
      each = asked_.erase(each);
    }
    lock.unlock();
    for (const auto& [made, answer] : answers) made(answer);
    if (answers.empty()) std::this_thread::sleep_for(kPoll);
    lock.lock();
  }
}

void Maker::answer_all(const std::string& error) {
  std::unique_lock lock(mutex_);
  const auto left = std::move(asked_);
  asked_.clear();
  lock.unlock();
  for (const auto& [name, made] : left) made(not_tried(error));
}

}  // namespace pocketstyle::serve

// SPDX-License-Identifier: Apache-2.0
#include "serve/metrics.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <variant>

namespace pocketstyle::serve {
namespace {

constexpr std::size_t kPaceLines = 10;  // records averaged for the pace

}  // namespace

MetricsReader::~MetricsReader() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void MetricsReader::forget() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  position_ = 0;
  partial_.clear();
  losses_.clear();
  validation_.clear();
  paces_.clear();
  planned_steps_.reset();
}

bool MetricsReader::open_current() {
  struct stat named {
  }, opened{};
  const bool is_there = ::stat(file_.c_str(), &named) == 0;
  if (descriptor_ >= 0 && is_there && ::fstat(descriptor_, &opened) == 0 && named.st_ino == opened.st_ino &&
      named.st_dev == opened.st_dev && named.st_size >= position_)
    return true;
  forget();
  if (is_there) descriptor_ = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
  return descriptor_ >= 0;
}

void MetricsReader::refresh() {
  if (!open_current()) return;
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t count = ::pread(descriptor_, buffer.data(), buffer.size(), position_);
    if (count <= 0) return;
    position_ += count;
    partial_.append(buffer.data(), static_cast<std::size_t>(count));
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = partial_.find('\n', begin)) != std::string::npos; begin = end + 1)
      if (const auto record = run::parse_line(partial_.substr(begin, end - begin))) take(*record);
    partial_.erase(0, begin);
  }
}

void MetricsReader::take(const run::MetricsRecord& record) {
  if (const auto* step = std::get_if<run::StepRecord>(&record)) {
    losses_.push_back({step->step, step->loss, step->total});
    paces_.push_back({step->images_per_s, step->seconds.total()});
  }
  if (const auto* validation = std::get_if<run::ValidationRecord>(&record))
    validation_.push_back({validation->step, validation->total});
  if (const auto* plan = std::get_if<run::PlanRecord>(&record)) planned_steps_ = plan->steps;
}

double MetricsReader::newest(double Pace::*what) const {
  double sum = 0;
  const std::size_t count = std::min(kPaceLines, paces_.size());
  for (std::size_t i = paces_.size() - count; i < paces_.size(); ++i) sum += paces_[i].*what;
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

}  // namespace pocketstyle::serve

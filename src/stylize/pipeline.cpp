// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/stylize/pipeline.h"

#include "pocketstyle/stylize/stylize.h"

#include <chrono>
#include <future>
#include <utility>

namespace pocketstyle::stylize {
namespace {

/// Does `work` unless the photo has failed already.
template <class Work>
void attempt(PhotoOutcome& outcome, const Work& work) {
  if (outcome.error) return;
  try {
    work();
  } catch (const Error& error) {
    outcome.error = error;
  }
}

}  // namespace

void stylize_photos(StyleModel& model, const std::vector<PhotoJob>& jobs, const StylizeOptions& options, int quality,
                    const std::function<void(const PhotoOutcome&)>& report) {
  // Futures of std::async wait for their threads when they go, on an exception too. The default policy works in this
  // thread if no other can be started.
  std::future<media::Image> reading;
  std::future<void> writing;
  const auto read = [&](std::size_t i) {
    if (i < jobs.size()) reading = std::async([&photo = jobs[i].photo] { return media::load_image(photo); });
  };
  read(0);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    PhotoOutcome outcome{.job = jobs[i]};
    media::Image picture;
    attempt(outcome, [&] { picture = reading.get(); });
    read(i + 1);
    attempt(outcome, [&] {
      const auto start = std::chrono::steady_clock::now();
      picture = stylize(model, picture, options);
      outcome.milliseconds =
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
      outcome.width = picture.width;
      outcome.height = picture.height;
    });
    if (writing.valid()) writing.get();
    writing = std::async([&report, quality, outcome = std::move(outcome), styled = std::move(picture)]() mutable {
      attempt(outcome, [&] { media::save_image(outcome.job.result, styled, quality); });
      report(outcome);
    });
  }
  if (writing.valid()) writing.get();
}

}  // namespace pocketstyle::stylize

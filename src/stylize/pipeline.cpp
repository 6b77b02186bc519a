// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/stylize/pipeline.h"

#include "pocketstyle/media/picture.h"
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
  // Futures of std::async wait for their threads on destruction, including on an exception. The default policy falls
  // back to this thread if no other can be started.
  std::future<media::Picture> reading;
  std::future<void> writing;
  const auto read = [&](std::size_t i) {
    if (i < jobs.size()) reading = std::async([&photo = jobs[i].photo] { return media::load_picture(photo); });
  };
  read(0);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    PhotoOutcome outcome{.job = jobs[i]};
    media::Picture picture;
    attempt(outcome, [&] { picture = reading.get(); });
    read(i + 1);
    attempt(outcome, [&] {
      const auto start = std::chrono::steady_clock::now();
      picture.image = stylize(model, picture.image, options);
      outcome.milliseconds =
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
      outcome.width = picture.image.width;
      outcome.height = picture.image.height;
      outcome.profile = picture.profile;
      picture.alpha = media::resize(std::move(picture.alpha), outcome.width, outcome.height);
    });
    if (writing.valid()) writing.get();
    writing = std::async([&report, quality, outcome = std::move(outcome), styled = std::move(picture)]() mutable {
      attempt(outcome, [&] { media::save_picture(outcome.job.result, styled, quality); });
      report(outcome);
    });
  }
  if (writing.valid()) writing.get();
}

}  // namespace pocketstyle::stylize

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/stylize/pipeline.h"

#include "stylize/pictures.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"

using namespace pocketstyle;
using stylize::PhotoOutcome;
using testing::contains;
using testing::error_of;

namespace {

/// Photos 0.png, 1.png, ... of 10, 11, ... pixels; those in `broken` are not pictures.
std::vector<stylize::PhotoJob> jobs_in(const testing::TempDir& folder, std::size_t count,
                                       const std::vector<std::size_t>& broken) {
  std::vector<stylize::PhotoJob> jobs;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = std::to_string(i) + ".png";
    media::save_image(folder / name, testing::photo(10 + static_cast<std::int64_t>(i), 9));
    jobs.push_back({folder / name, folder / ("styled/" + name)});
  }
  for (const std::size_t i : broken) write_file_atomically(jobs[i].photo, "not a picture");
  return jobs;
}

}  // namespace

TEST_CASE("every photo is reported in its order, broken ones too") {
  const testing::TempDir folder;
  const auto broken = GENERATE(values<std::vector<std::size_t>>({{}, {3}, {0, 1}, {5, 6}, {0, 1, 2, 3, 4, 5, 6}}));
  const auto jobs = jobs_in(folder, 7, broken);
  testing::Negative model;
  std::vector<PhotoOutcome> outcomes;
  stylize::stylize_photos(model, jobs, {}, 90, [&](const PhotoOutcome& outcome) { outcomes.push_back(outcome); });
  REQUIRE(outcomes.size() == jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const bool is_broken = std::find(broken.begin(), broken.end(), i) != broken.end();
    CHECK(outcomes[i].job.photo == jobs[i].photo);
    CHECK(outcomes[i].error.has_value() == is_broken);
    CHECK(std::filesystem::exists(jobs[i].result) == !is_broken);
    if (is_broken) {
      CHECK(outcomes[i].error->kind() == ErrorKind::data);
    } else {
      const media::Image styled = media::load_image(jobs[i].result), photo = media::load_image(jobs[i].photo);
      CHECK(styled.width == outcomes[i].width);
      CHECK(styled.rgb_hwc[4] == 255 - photo.rgb_hwc[4]);
    }
  }
}

TEST_CASE("a network or a disk that fails costs its photo only") {
  const testing::TempDir folder;
  auto jobs = jobs_in(folder, 4, {});
  write_file_atomically(folder / "in the way", "a file");
  jobs[1].result = folder / "in the way/1.png";
  class FailsOnce : public testing::Negative {
    torch::Tensor run(const torch::Tensor& photo) override {
      return photo.size(3) == 12 ? photo.view({7, 7}) : Negative::run(photo);
    }
  } model;
  std::string failed;
  stylize::stylize_photos(model, jobs, {}, 90,
                          [&](const PhotoOutcome& outcome) { failed += outcome.error ? "x" : "."; });
  CHECK(failed == ".xx.");
}

TEST_CASE("what is not an error of ours, and what the report throws, ends the work without a hang") {
  const testing::TempDir folder;
  const auto jobs = jobs_in(folder, 5, {});
  class Broken : public testing::Negative {
    [[nodiscard]] std::int64_t min_side() const override { throw std::logic_error("a fault in the program"); }
  } broken;
  CHECK_THROWS_AS(stylize::stylize_photos(broken, jobs, {}, 90, [](const PhotoOutcome&) {}), std::logic_error);
  testing::Negative model;
  int reports = 0;
  const std::string error = error_of([&] {
    stylize::stylize_photos(model, jobs, {}, 90, [&](const PhotoOutcome&) {
      if (++reports == 2) throw RuntimeFailure("the terminal is gone");
    });
  });
  CHECK(contains(error, "the terminal is gone"));
  CHECK(reports == 2);
  stylize::stylize_photos(model, {}, {}, 90, [](const PhotoOutcome&) { FAIL("nothing to report"); });
}

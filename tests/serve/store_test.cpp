// SPDX-License-Identifier: Apache-2.0
#include "serve/store.h"

#include "serve/job_events.h"
#include "serve/metrics.h"
#include "serve/progress.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"

#include <fstream>
#include <thread>

using namespace pocketstyle;
using namespace pocketstyle::serve;
using pocketstyle::testing::contains;
using pocketstyle::testing::error_of;
using pocketstyle::testing::TempDir;

namespace {

Job job_named(const std::string& id) {
  Job job;
  job.id = id;
  job.name = "Job " + id;
  job.preset = "mini";
  job.budget = "quick";
  job.steps = 60;
  job.strength = 2;
  job.created_at = "2026-11-26T00:10:02Z";
  return job;
}

Model model_of(const std::string& id, const std::string& job) {
  Model model;
  model.id = id;
  model.name = "A model";
  model.style = "waves";
  model.preset = "mini";
  model.job_id = job;
  model.held_out_total = 12.5;
  model.files = {{"mini.onnx", "onnx", "float", "fp32", 5, "ab"}, {"mini.ptl", "ptl", "float", "fp32", 6, "cd"}};
  return model;
}

std::string step_line(int step, double total) {
  return fmt::format(
      R"({{"kind":"step","step":{},"loss":{{"content":1,"style":2,"tv":3,"total":{}}},"images_per_s":8,"seconds":{{"data":0.25,"loss":0.25}}}})"
      "\n",
      step, total);
}
std::string validation_line(int step, double total) {
  return fmt::format(R"({{"kind":"held_out","step":{},"loss":{{"total":{}}}}})"
                     "\n",
                     step, total);
}

void append(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::app) << text;
}

}  // namespace

TEST_CASE("jobs wait in their order, and each change is made once", "[serve]") {
  const TempDir folder;
  Store store(folder / "db");
  for (const char* id : {"a", "b", "c"}) CHECK(store.add_job(job_named(id), {}).second);
  CHECK(store.jobs().front().id == "c");
  CHECK(store.job("b")->queue_position == 2);
  CHECK_FALSE(store.job("x"));

  CHECK(store.claim({})->id == "a");
  CHECK(store.claim({"b"})->id == "c");
  CHECK(store.job("b")->queue_position == 1);
  CHECK(store.claim({})->id == "b");
  CHECK_FALSE(store.claim({}));

  CHECK(store.begin_publishing("a"));
  CHECK_FALSE(store.begin_publishing("a"));
  CHECK(store.cancel("b"));
  CHECK_FALSE(store.cancel("b"));
  CHECK_FALSE(store.begin_publishing("b"));
  CHECK_FALSE(store.requeue("b"));
  CHECK(store.fail("c", "it broke"));
  CHECK(store.job("c")->error == "it broke");
  CHECK_FALSE(store.job("c")->ended_at.empty());
  CHECK_FALSE(store.remove_job("a"));

  CHECK(store.resume("c"));
  CHECK(store.resume("b"));
  CHECK_FALSE(store.resume("b"));
  CHECK(store.job("c")->error.empty());
  CHECK(store.job("c")->ended_at.empty());
  CHECK(store.job("b")->queue_position == 2);  // behind c, which came back first
  CHECK(store.requeue("a"));
  CHECK(store.job("a")->queue_position == 1);  // its old place

  CHECK(store.cancel("a"));
  CHECK(store.remove_job("a"));
  CHECK_FALSE(store.job("a"));
}

TEST_CASE("one key gives one job, whoever asks first", "[serve]") {
  const TempDir folder;
  Store store(folder / "db");
  CHECK(store.add_job(job_named("a"), {"key"}).second);
  const auto [again, is_new] = store.add_job(job_named("b"), {"key"});
  CHECK_FALSE(is_new);
  CHECK(again.id == "a");
  CHECK(store.job_of_key("key")->id == "a");
  CHECK_FALSE(store.job_of_key("other"));
  std::atomic<int> added{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] { added += store.add_job(job_named("t" + std::to_string(i)), {"race"}).second; });
  threads.clear();
  CHECK(added == 1);
  CHECK(store.jobs().size() == 2);
}

TEST_CASE("a model comes with its job's end, or not at all", "[serve]") {
  const TempDir folder;
  {
    Store store(folder / "db");
    store.add_job(job_named("a"), {});
    store.claim({});
    CHECK_FALSE(store.publish(model_of("a", "a")));  // it is not publishing
    CHECK(store.models().empty());
    store.begin_publishing("a");
    CHECK(store.publish(model_of("a", "a")));
    CHECK_FALSE(store.publish(model_of("a", "a")));
    CHECK(store.job("a")->state == JobState::done);
    CHECK(store.job("a")->model_id == "a");
    CHECK(store.publish(model_of("s", "")));
    CHECK(store.was_shipped("s"));
    CHECK_FALSE(store.was_shipped("a"));
  }
  Store store(folder / "db");  // and all that is there after the file was closed
  REQUIRE(store.models().size() == 2);
  const Model model = *store.model("a");
  CHECK(model.held_out_total == 12.5);
  REQUIRE(model.files.size() == 2);
  CHECK(model.files[0].name == "mini.onnx");
  CHECK(model.files[1].bytes == 6);
  CHECK(store.remove_job("a"));
  CHECK(store.model("a"));  // which stays
  CHECK(store.remove_model("a"));
  CHECK_FALSE(store.remove_model("a"));
  CHECK(store.remove_model("s"));
  CHECK(store.was_shipped("s"));
}

TEST_CASE("a job keeps its time, and those of an older version have none", "[serve]") {
  const TempDir folder;
  {
    Store store(folder / "db");
    Job timed = job_named("a");
    timed.steps = 0;
    timed.minutes = 2.5;
    store.add_job(timed, {});
    CHECK(store.job("a")->minutes == 2.5);
  }
  Database(folder / "db")
      .run_script(
          "ALTER TABLE jobs DROP COLUMN minutes; UPDATE jobs SET steps = 60;"
          "ALTER TABLE model_files DROP COLUMN state; ALTER TABLE model_files DROP COLUMN verified;"
          "ALTER TABLE model_files DROP COLUMN error; ALTER TABLE jobs DROP COLUMN request_sha256;"
          "ALTER TABLE jobs DROP COLUMN lease;"
          "PRAGMA user_version = 2");
  const Store store(folder / "db");
  CHECK(store.job("a")->minutes == 0);
  CHECK(store.job("a")->steps == 60);
}

TEST_CASE("a database of a newer version is refused", "[serve]") {
  const TempDir folder;
  { const Store store(folder / "db"); }
  Database(folder / "db").run_script("PRAGMA user_version = 99");
  CHECK(contains(error_of([&] { const Store store(folder / "db"); }), "was written by a newer version (schema 99"));
  write_file_atomically(folder / "text", "this is no database, and long enough to be taken for one at first sight");
  CHECK(contains(error_of([&] { const Store store(folder / "text"); }), "data: "));
}

TEST_CASE("metrics are followed while they are written", "[serve]") {
  const TempDir folder;
  const auto file = folder / "run/metrics.jsonl";
  MetricsReader metrics(file);
  metrics.refresh();
  CHECK(metrics.losses().empty());
  append(file, validation_line(0, 900) + step_line(1, 100) + step_line(2, 90).substr(0, 20));
  metrics.refresh();
  REQUIRE(metrics.losses().size() == 1);
  CHECK(metrics.losses()[0] == LossPoint{1, {1, 2, 3}, 100});
  CHECK(metrics.validation().at(0).total == 900);
  append(file, step_line(2, 90).substr(20) + "not json\n{\"kind\":\"step\"}\n" + step_line(3, 80));
  metrics.refresh();
  CHECK(metrics.losses().size() == 3);
  CHECK(metrics.images_per_s() == 8);
  CHECK(metrics.seconds_per_step() == 0.5);
  write_file_atomically(file, step_line(1, 100));  // as when a run is resumed
  metrics.refresh();
  CHECK(metrics.losses().size() == 1);
  append(file, step_line(2, 91));
  metrics.refresh();
  CHECK(metrics.losses().back().total == 91);
}

TEST_CASE("progress survives being kept", "[serve]") {
  Progress progress;
  progress.step = 7;
  progress.loss = LossPoint{7, {1, 2, 3}, 6};
  progress.preview_step = 4;
  const Progress again = progress_from_json(to_json(progress));
  CHECK(again.step == 7);
  CHECK(again.loss == progress.loss);
  CHECK(again.preview_step == 4);
  CHECK_FALSE(again.held_out_total);
  CHECK(progress_from_json(R"({"step":7,"loss":[1,2,3,6]})").loss == progress.loss);  // as stored by older versions
  CHECK(progress_from_json("nonsense").step == 0);
  CHECK(progress_from_json(R"({"loss":[1]})").step == 0);
}

TEST_CASE("what happens to a job, as a stream", "[serve]") {
  const TempDir folder;
  const Folders folders{folder.path()};
  Store store(folders.database());
  store.add_job(job_named("a"), {});
  JobEvents events(store, folders, "a", -1);
  CHECK(contains(events.take(), "event: job\ndata: {\"id\":\"a\""));
  CHECK(events.take().empty());
  store.claim({});
  append(folders.metrics("a"), step_line(1, 100) + validation_line(1, 500));
  append(folders.preview("a", 1), "x");
  const std::string text = events.take();
  CHECK(contains(text, "\"state\":\"training\""));
  CHECK(contains(
      text, "event: loss\nid: 1\ndata: {\"step\":1,\"content\":1.0,\"style\":2.0,\"tv\":3.0,\"total\":100.0}\n\n"));
  CHECK(contains(text, "event: held_out\ndata: {\"step\":1,\"total\":500.0}\n\n"));
  CHECK(contains(text, "event: preview\ndata: {\"step\":1,\"url\":\"/api/v1/jobs/a/preview?step=1\"}\n\n"));
  CHECK(text.find("event: job") < text.find("event: loss"));
  CHECK(events.take().empty());
  // A run that rolled back a step and got another result: that step again, and only that.
  append(folders.metrics("a"), step_line(2, 90));
  CHECK(contains(events.take(), "id: 2\n"));
  write_file_atomically(folders.metrics("a"), step_line(1, 100) + validation_line(1, 500) + step_line(2, 70));
  const std::string again = events.take();
  CHECK(contains(again, "\"total\":70.0}"));
  CHECK_FALSE(contains(again, "id: 1\n"));
  CHECK_FALSE(contains(again, "event: held_out"));
  CHECK_FALSE(events.ended());
  store.cancel("a");
  CHECK(contains(events.take(), "\"state\":\"cancelled\""));
  CHECK(events.ended());
  CHECK(events.take().empty());

  // A client that reconnects has the first loss; for a job that has ended, losses come before the job.
  JobEvents later(store, folders, "a", 1);
  const std::string rest = later.take();
  CHECK_FALSE(contains(rest, "id: 1\n"));
  CHECK(contains(rest, "id: 2\n"));
  CHECK(rest.find("event: loss") < rest.find("event: job"));
  CHECK(later.ended());
  JobEvents none(store, folders, "x", -1);
  CHECK(none.take().empty());
  CHECK(none.ended());
}

TEST_CASE("lists come in pages", "[serve]") {
  const TempDir folder;
  Store store(folder / "db");
  for (const char* id : {"a", "b", "c"}) {
    store.add_job(job_named(id), {});
    store.publish(model_of(id, ""));
  }
  const auto ids = [](const auto& rows) {
    std::string all;
    for (const auto& row : rows) all += row.id;
    return all;
  };
  const auto [jobs, next] = store.jobs(Page{2, 0});
  CHECK(ids(jobs) == "cb");
  REQUIRE(next != 0);
  store.add_job(job_named("d"), {});  // newer than what the next page continues
  CHECK(ids(store.jobs(Page{2, next}).first) == "a");
  CHECK(store.jobs(Page{2, next}).second == 0);
  CHECK(store.jobs(Page{4, 0}).second == 0);
  CHECK(ids(store.models(Page{2, 0}).first) == "ab");
  CHECK(ids(store.models(Page{2, store.models(Page{2, 0}).second}).first) == "c");
  CHECK(ids(store.models()) == "abc");
}

TEST_CASE("files of a model, and those of an older version", "[serve]") {
  const TempDir folder;
  {
    Store store(folder / "db");
    Model model = model_of("a", "");
    model.files[0].state = FileState::waiting;
    model.files[0].verified = false;
    store.publish(model);
    CHECK(store.preparing().done == 1);
    CHECK(store.preparing().total == 3);  // two files and a thumbnail
    ModelFile file = *store.file("a", "mini.onnx");
    CHECK(file.state == FileState::waiting);
    file.state = FileState::failed;
    file.error = "it is too inaccurate";
    CHECK(store.set_file("a", file));
    CHECK(store.file("a", "mini.onnx")->error == "it is too inaccurate");
    CHECK(store.set_thumbnail("a", "ef"));
    CHECK(store.preparing().done == 3);
    CHECK_FALSE(store.file("a", "other"));
    CHECK_FALSE(store.set_file("x", file));
  }
  Database(folder / "db")
      .run_script(
          "ALTER TABLE model_files DROP COLUMN state; ALTER TABLE model_files DROP COLUMN verified;"
          "ALTER TABLE model_files DROP COLUMN error; ALTER TABLE jobs DROP COLUMN request_sha256;"
          "ALTER TABLE jobs DROP COLUMN lease;"
          "PRAGMA user_version = 3");
  const Store store(folder / "db");
  CHECK(store.file("a", "mini.onnx")->state == FileState::ready);
  CHECK(store.file("a", "mini.onnx")->verified);
}

// SPDX-License-Identifier: Apache-2.0
// The queue with programs that are played: what it asks for, and what is left however it ends.
#include "serve/queue.h"

#include "serve/ids.h"
#include "serve/publisher.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>

using namespace pocketstyle;
using namespace pocketstyle::serve;
using pocketstyle::testing::contains;
using pocketstyle::testing::TempDir;
namespace fs = std::filesystem;

namespace {

constexpr const char* kManifest = R"({"file":"NAME","kind":"KIND","bytes":4,"sha256":"ab","weights":"fp32",
  "pocketstyle.net":{"kernel":5,"widths":[12,24,96],"block":"bottleneck","blocks":5,"mid":48}})";

/// Plays train, export, stylize and picture.
struct Programs {
  std::mutex mutex;
  std::vector<std::vector<std::string>> calls;
  std::atomic<int> training{0}, most_training{0};
  std::atomic<int> hold{0};        ///< trainings wait while it is not 0, until they are stopped
  std::atomic<int> train_code{0};  ///< what trainings end with, once
  std::atomic<int> export_code{0};
  std::string export_results;  ///< what export writes beside files that it could make

  std::vector<std::string> of(const std::string& command) {
    const std::lock_guard lock(mutex);
    std::vector<std::string> found;
    for (const auto& call : calls)
      if (call.front() == command) found.push_back(fmt::format("{}", fmt::join(call, " ")));
    return found;
  }

  static std::string after(const std::vector<std::string>& arguments, const std::string& option) {
    const auto place = std::find(arguments.begin(), arguments.end(), option);
    return place == arguments.end() ? std::string() : *(place + 1);
  }

  int train(const std::vector<std::string>& arguments, const std::stop_token& stop) {
    most_training = std::max(most_training.load(), ++training);
    fs::path run;
    for (const std::string& argument : arguments)
      if (argument.starts_with("run.folder=")) run = argument.substr(11);
    write_file_atomically(run / "checkpoints/step-00000002.safetensors", "2");
    write_file_atomically(run / "metrics.jsonl", R"({"kind":"held_out","step":2,"loss":{"total":42}})"
                                                 "\n");
    while (hold != 0 && !stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    --training;
    if (stop.stop_requested()) return 128 + SIGTERM;
    if (const int code = train_code.exchange(0); code != 0) return code;
    write_file_atomically(run / "final.safetensors", "weights");
    return 0;
  }

  RunProgram runner() {
    return [this](const std::vector<std::string>& arguments, const fs::path& log, const std::stop_token& stop) {
      {
        const std::lock_guard lock(mutex);
        calls.push_back(arguments);
      }
      std::ofstream(log, std::ios::app) << "something\npocketstyle: it says why\n";
      const std::string output = after(arguments, "-o");
      if (arguments.front() == "train") return train(arguments, stop);
      if (arguments.front() == "export") {
        const std::string results = after(arguments, "--results");
        const int code = export_code.exchange(0);
        if (export_results.empty() && code != 0) return code;
        if (!export_results.empty()) write_file_atomically(results, export_results);
        for (const std::string kind : {"rgba.onnx", "ptl"}) {
          const std::string name = after(arguments, "--name") + "." + kind;
          std::string manifest = kManifest;
          manifest.replace(manifest.find("NAME"), 4, name);
          manifest.replace(manifest.find("KIND"), 4, kind);
          write_file_atomically(fs::path(output) / name, "file");
          write_file_atomically(fs::path(output) / (name + ".json"), manifest);
        }
        return code;
      }
      write_file_atomically(output, arguments.front());
      return 0;
    };
  }
};

/// A server's data folder with what works on it, as one process has it.
struct Process {
  explicit Process(const fs::path& data, Programs& programs, int jobs = 1)
      : folders{data},
        store((folders.make(), folders.database())),
        board(folders),
        publisher(store, folders, programs.runner(), "photo.jpg"),
        queue(store, folders, board, publisher, programs.runner(), jobs) {}

  std::string add() {
    Job job;
    job.id = new_id();
    job.name = "The Wave";
    job.preset = "mini";
    job.budget = "quick";
    job.steps = 4;
    job.created_at = now_utc();
    write_file_atomically(folders.style(job.id), "picture");
    store.add_job(job, "");
    queue.wake();
    return job.id;
  }
  JobState wait_for(const std::string& id, const std::function<bool(const Job&)>& condition) {
    for (int i = 0; i < 5000; ++i) {
      const auto job = store.job(id);
      if (job && condition(*job)) return job->state;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    FAIL("the job did not get there");
    return {};
  }
  JobState wait_to_end(const std::string& id) {
    return wait_for(id, [](const Job& job) { return has_ended(job.state); });
  }
  /// Until its programs ended as well, and what they left was put right.
  void wait_for_progress(const std::string& id) {
    wait_for(id, [](const Job& job) { return contains(job.progress, "42"); });
  }

  Folders folders;
  Store store;
  ProgressBoard board;
  Publisher publisher;
  Queue queue;
};

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// Each job is done, has one model, and nothing else lies about.
void check_whole(Process& process, const std::vector<std::string>& jobs) {
  for (const std::string& id : jobs) {
    CHECK(process.wait_to_end(id) == JobState::done);
    CHECK(process.store.job(id)->model_id == id);
  }
  process.queue.stop();
  CHECK(process.store.models().size() == jobs.size());
  std::vector<std::string> sorted = jobs;
  std::sort(sorted.begin(), sorted.end());
  CHECK(names_in(process.folders.models()) == sorted);
  CHECK(names_in(process.folders.jobs()) == sorted);
}

/// As if the process ended there: nothing catches it.
struct Killed {};

/// A job whose training has begun and does not end by itself.
std::string add_held(Process& process, Programs& programs) {
  programs.hold = 1;
  process.queue.start({});
  std::string id = process.add();
  process.wait_for(id, [&](const Job&) { return programs.training == 1; });
  return id;
}

}  // namespace

TEST_CASE("a job is trained, exported and published", "[serve]") {
  const TempDir folder;
  Programs programs;
  Process process(folder.path(), programs);
  process.queue.start({});
  const std::string id = process.add();
  CHECK(process.wait_to_end(id) == JobState::done);
  process.wait_for_progress(id);
  CHECK(process.store.job(id)->state == JobState::done);
  const Model model = *process.store.model(id);
  CHECK(model.name == "The Wave");
  CHECK(model.style == "the_wave-" + sha256_hex("picture").substr(0, 8));
  CHECK(model.parameters == 200475);
  CHECK(model.held_out_total == 42);
  REQUIRE(model.files.size() == 2);
  CHECK(model.files[0].name == "mini.ptl");
  CHECK(model.files[0].io == "float");
  CHECK(model.files[1].kind == "onnx");
  CHECK(model.files[1].io == "rgba");
  CHECK(read_file(process.folders.model_file(id, "mini.ptl")) == "file");
  CHECK(model.thumbnail_sha256 == sha256_hex("stylize"));
  CHECK(model.style_sha256 == sha256_hex("picture"));
  REQUIRE(programs.of("train").size() == 1);
  CHECK(contains(programs.of("train")[0], "train " + process.folders.config(id).string() + " --set style.image="));
  CHECK_FALSE(contains(programs.of("train")[0], "--resume"));
  check_whole(process, {id});
}

TEST_CASE("killed while it publishes, at any point, a job is published once", "[serve]") {
  using Point = Publisher::Point;
  for (const auto point : {Point::exported, Point::staged, Point::renamed}) {
    const TempDir folder;
    Programs programs;
    std::string id;
    {
      Process process(folder.path(), programs);
      id = process.add();
      REQUIRE(process.store.claim({}));
      write_file_atomically(process.folders.run(id) / "final.safetensors", "weights");
      REQUIRE(process.store.begin_publishing(id));
      process.publisher.at_point = [&](Point at) {
        if (at == point) throw Killed();
      };
      Publication publication;
      publication.id = publication.job_id = id;
      publication.preset = "mini";
      publication.weights = process.folders.run(id) / "final.safetensors";
      publication.log = process.folders.log(id);
      REQUIRE_THROWS_AS(process.publisher.publish(publication, {}), Killed);
      CHECK_FALSE(names_in(process.folders.models()).empty());
      CHECK(process.store.models().empty());
    }
    Process next(folder.path(), programs);
    next.queue.start({});
    check_whole(next, {id});
    CHECK(programs.of("train").empty());  // it was trained already
  }
}

TEST_CASE("killed while it trains, a job goes on from its checkpoint", "[serve]") {
  const TempDir folder;
  Programs programs;
  std::string first, second;
  {
    Process process(folder.path(), programs);
    first = process.add();
    second = process.add();
    REQUIRE(process.store.claim({})->id == first);
    write_file_atomically(process.folders.run(first) / "checkpoints/step-00000002.safetensors", "2");
  }
  write_file_atomically(Folders{folder.path()}.job("half_an_upload") / "upload", "x");
  Process next(folder.path(), programs);
  next.queue.start({});
  check_whole(next, {first, second});
  REQUIRE(programs.of("train").size() == 2);
  CHECK(contains(programs.of("train")[0], "--resume " + next.folders.run(first).string()));
  CHECK_FALSE(contains(programs.of("train")[1], "--resume"));
}

TEST_CASE("a job that is cancelled stops, and can go on", "[serve]") {
  const TempDir folder;
  Programs programs;
  Process process(folder.path(), programs);
  const std::string id = add_held(process, programs);
  CHECK(process.queue.cancel(id));
  CHECK_FALSE(process.queue.cancel(id));
  CHECK(process.store.job(id)->state == JobState::cancelled);
  CHECK(process.store.resume(id));  // at once, while its process may still be ending
  programs.hold = 0;
  process.queue.wake();
  check_whole(process, {id});
  REQUIRE(programs.of("train").size() == 2);
  CHECK(contains(programs.of("train")[1], "--resume"));
  CHECK(programs.most_training == 1);
}

TEST_CASE("a job that is removed while its process ends leaves nothing", "[serve]") {
  const TempDir folder;
  Programs programs;
  Process process(folder.path(), programs);
  const std::string id = add_held(process, programs);
  CHECK_FALSE(process.queue.remove(id));
  CHECK(process.queue.cancel(id));
  CHECK(process.queue.remove(id));
  process.queue.stop();
  CHECK(names_in(process.folders.jobs()).empty());
}

TEST_CASE("a job that fails says why, and can be tried again", "[serve]") {
  const TempDir folder;
  Programs programs;
  Process process(folder.path(), programs);
  programs.train_code = 1;
  process.queue.start({});
  const std::string id = process.add();
  CHECK(process.wait_to_end(id) == JobState::failed);
  CHECK(process.store.job(id)->error == "training ended with exit code 1: pocketstyle: it says why");
  process.wait_for_progress(id);
  programs.export_code = 4;
  CHECK(process.store.resume(id));
  process.queue.wake();
  CHECK(process.wait_to_end(id) == JobState::failed);
  CHECK(contains(process.store.job(id)->error, "export failed with exit code 4: pocketstyle: it says why"));
  CHECK(process.store.models().empty());
  CHECK(process.store.resume(id));
  process.queue.wake();
  check_whole(process, {id});
  CHECK(programs.of("train").size() == 2);
}

TEST_CASE("a training that somebody else ends is queued again", "[serve]") {
  const TempDir folder;
  Programs programs;
  programs.train_code = 128 + SIGINT;
  Process process(folder.path(), programs);
  process.queue.start({});
  const std::string id = process.add();
  check_whole(process, {id});
  CHECK(programs.of("train").size() == 2);
}

TEST_CASE("stopped, a queue keeps its jobs for the next one", "[serve]") {
  const TempDir folder;
  Programs programs;
  programs.hold = 1;
  std::vector<std::string> ids;
  {
    Process process(folder.path(), programs, 2);
    process.queue.start({});
    for (int i = 0; i < 3; ++i) ids.push_back(process.add());
    process.wait_for(ids[0], [&](const Job&) { return programs.training == 2; });
    process.queue.stop();
    for (const std::string& id : ids) CHECK(process.store.job(id)->state == JobState::queued);
    CHECK(process.store.job(ids[0])->queue_position == 1);
  }
  CHECK(programs.most_training == 2);
  programs.hold = 0;
  Process next(folder.path(), programs);
  next.queue.start({});
  check_whole(next, ids);
}

TEST_CASE("shipped models are published once, and stay away when they are removed", "[serve]") {
  const TempDir folder;
  Programs programs;
  const std::vector<ShippedModel> shipped = {{"starry_night", "mini", "mini.safetensors", "mini.jsonl", "night.jpg"},
                                             {"starry_night", "micro", "micro.safetensors", "", ""}};
  for (int i = 0; i < 2; ++i) {
    Process process(folder.path(), programs);
    process.queue.start(shipped);
    for (int k = 0; k < 2000 && process.store.models().size() + static_cast<std::size_t>(i) < 2; ++k)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    process.queue.stop();
    if (i == 0) {
      REQUIRE(process.store.models().size() == 2);
      CHECK(process.store.model("starry_night-mini")->name == "Starry Night");
      CHECK(process.store.model("starry_night-micro")->style_sha256.empty());
      CHECK(process.store.remove_model("starry_night-mini"));
    } else {
      CHECK(process.store.models().size() == 1);
      CHECK(names_in(process.folders.models()) == std::vector<std::string>{"starry_night-micro"});
    }
  }
  CHECK(programs.of("export").size() == 2);
}

TEST_CASE("what export could make is published, and what it could not is kept in mind", "[serve]") {
  const TempDir folder;
  Programs programs;
  programs.export_code = 4;
  programs.export_results =
      R"({"files": [{"file": "mini.ptl", "written": true, "failure": null},
                    {"file": "mini.fp16.ptl", "written": false, "failure": "differs by 1, allowed is 0.1"}]})";
  Process process(folder.path(), programs);
  process.queue.start({});
  const std::string id = process.add();
  CHECK(process.wait_to_end(id) == JobState::done);
  process.queue.stop();
  const std::string model = process.store.job(id)->model_id;
  CHECK(process.store.model(model)->files.size() == 2);
  CHECK(contains(read_file(process.folders.model(model) / "export.json"), "differs by 1, allowed is 0.1"));
}

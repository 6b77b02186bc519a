// SPDX-License-Identifier: Apache-2.0
// The queue with fake programs: which commands it runs, and what remains after every kind of end.
#include "serve/queue.h"

#include "serve/database.h"
#include "serve/ids.h"
#include "serve/publisher.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/formats/file_name.h"

#include <nlohmann/json.hpp>

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

/// The header of a network's weights.
std::string weights() {
  const std::string header =
      R"({"__metadata__":{"pocketstyle.net":"{\"kernel\":5,\"widths\":[12,24,96],\"block\":\"bottleneck\",\"blocks\":5,\"mid\":48}"}})";
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(header.size());
  return bytes + header;
}

/// Fakes train, export and make.
struct Programs {
  std::mutex mutex;
  std::vector<std::vector<std::string>> calls;
  std::atomic<int> training{0}, most_training{0};
  std::atomic<int> hold{0};        ///< while not 0, trainings wait until they are stopped
  std::atomic<int> train_code{0};  ///< exit code of the next training
  std::string too_inaccurate;      ///< a file that export does not write
  std::string cannot_be_made;      ///< a format that make fails at
  std::atomic<int> make_code{0};   ///< exit code of the next make, in the middle of its first request

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
    write_file_atomically(run / "final.safetensors", weights());
    return 0;
  }

  /// Writes the formats and precisions that it is asked for, as far as they exist.
  int export_files(const std::vector<std::string>& arguments) {
    std::string results;
    for (const formats::FormatSpec& spec : formats::all_formats())
      for (const formats::Precision precision : formats::kPrecisions) {
        const auto has = [&](const char* option, std::string_view value) {
          return contains("," + after(arguments, option) + ",", fmt::format(",{},", value));
        };
        if (!has("--format", spec.name) || !has("--precision", formats::to_string(precision))) continue;
        if (!spec.published.contains(precision)) continue;
        const std::string name = formats::file_name(after(arguments, "--name"), spec.format, precision);
        const bool written = name != too_inaccurate;
        if (written) {
          write_file_atomically(fs::path(after(arguments, "-o")) / name, "file");
          write_file_atomically(fs::path(after(arguments, "-o")) / (name + ".json"), "{}");
        }
        results += fmt::format(R"({}{{"file":"{}","written":{},"failure":{}}})", results.empty() ? "" : ",", name,
                               written, written ? "null" : R"("differs by 1, allowed is 0.1")");
      }
    write_file_atomically(after(arguments, "--results"), R"({"files":[)" + results + "]}");
    return too_inaccurate.empty() ? 0 : 4;
  }

  /// Answers the requests that are there.
  int make(const fs::path& folder) {
    std::vector<fs::path> requests;
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".json") requests.push_back(entry.path());
    std::sort(requests.begin(), requests.end());
    for (fs::path request : requests) {
      const auto json = nlohmann::json::parse(read_file(request));
      fs::remove(request);
      if (const int code = make_code.exchange(0); code != 0) {
        write_file_atomically(request.replace_extension(".busy"), "");
        return code;
      }
      fs::path output = json.at("output").get<std::string>();
      const std::string kind = json.at("make");
      if (kind == "export")
        output /= formats::file_name(json.at("name").get<std::string>(),
                                     formats::format_from_string(json.at("format").get<std::string>()),
                                     formats::precision_from_string(json.at("precision").get<std::string>()));
      nlohmann::json answer = {{"bytes", 4}, {"sha256", "ab"}};
      if (kind == "export" && json.at("format") == cannot_be_made)
        answer = {{"error", "it cannot be made"}};
      else
        write_file_atomically(output, kind == "export" ? "file" : kind);
      write_file_atomically(request.replace_extension(".done"), answer.dump());
    }
    return 0;
  }

  RunProgram runner() {
    return [this](const std::vector<std::string>& arguments, const fs::path& log, const std::stop_token& stop) {
      {
        const std::lock_guard lock(mutex);
        calls.push_back(arguments);
      }
      std::ofstream(log, std::ios::app) << "something\npocketstyle: it says why\n";
      if (arguments.front() == "train") return train(arguments, stop);
      if (arguments.front() == "make") return make(arguments.at(1));
      return export_files(arguments);
    };
  }
};

/// A server's data folder with everything that works on it, as in one process.
struct Process {
  explicit Process(const fs::path& data, Programs& programs, int jobs = 1, int lease_seconds = 120)
      : folders{data},
        store((folders.make(), folders.database())),
        board(folders),
        maker(folders.making(), folders.making_log(), programs.runner()),
        files(store, folders, maker, programs.runner(), "photo.jpg"),
        publisher(store, folders, maker),
        queue(store, folders, board, publisher, files, programs.runner(), jobs, lease_seconds) {}
  ~Process() { stop(); }
  void stop() {
    queue.request_stop();
    maker.stop();
    files.stop();
    queue.stop();
  }
  /// Waits until every file of every model is made and compared, or failed.
  void wait_for_files() {
    for (int i = 0; i < 5000; ++i) {
      bool all = true;
      for (const Model& model : store.models()) {
        all = all && !model.thumbnail_sha256.empty();
        for (const ModelFile& file : model.files) all = all && (file.verified || file.state == FileState::failed);
      }
      if (all) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    FAIL("the files were not made");
  }

  std::string add() {
    Job job;
    job.id = new_id();
    job.name = "The Wave";
    job.preset = "mini";
    job.budget = "quick";
    job.steps = 4;
    job.created_at = now_utc();
    write_file_atomically(folders.style(job.id), "picture");
    store.add_job(job, {});
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
  /// Waits until its programs have ended and what they left has been cleaned up.
  void wait_for_progress(const std::string& id) {
    wait_for(id, [](const Job& job) { return contains(job.progress, "42"); });
  }

  Folders folders;
  Store store;
  ProgressBoard board;
  Maker maker;
  FileMaker files;
  Publisher publisher;
  Queue queue;
};

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// Each job is done, has one model, and nothing else is left.
void check_whole(Process& process, const std::vector<std::string>& jobs) {
  for (const std::string& id : jobs) {
    CHECK(process.wait_to_end(id) == JobState::done);
    CHECK(process.store.job(id)->model_id == id);
  }
  process.stop();
  CHECK(process.store.models().size() == jobs.size());
  std::vector<std::string> sorted = jobs;
  std::sort(sorted.begin(), sorted.end());
  CHECK(names_in(process.folders.models()) == sorted);
  CHECK(names_in(process.folders.jobs()) == sorted);
}

/// As if the process ended at this point: nothing catches it.
struct Killed {};

/// A job whose training has started and does not end by itself.
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
  CHECK(model.files.size() == 16);
  CHECK(model.style_sha256 == sha256_hex("picture"));
  const ModelFile own = *process.store.file(id, "mini.safetensors");  // there at once
  CHECK(own.state == FileState::ready);
  CHECK(own.verified);
  CHECK(read_file(process.folders.model_file(id, own.name)) == weights());
  process.wait_for_files();
  const ModelFile lite = *process.store.file(id, "mini.fp16.ptl");
  CHECK(lite.state == FileState::ready);
  CHECK(lite.io == "float");
  CHECK(lite.sha256 == sha256_hex("file"));
  CHECK(lite.bytes == 4);
  CHECK(read_file(process.folders.model_file(id, "mini.fp16.ptl")) == "file");
  CHECK(read_file(process.folders.thumbnail(id)) == "stylized");
  CHECK(process.store.preparing().done == process.store.preparing().total);
  REQUIRE(programs.of("train").size() == 1);
  CHECK(contains(programs.of("train")[0], "train " + process.folders.config(id).string() + " --set style.image="));
  CHECK_FALSE(contains(programs.of("train")[0], "--resume"));
  check_whole(process, {id});
}

TEST_CASE("killed while it publishes, at any point, a job is published once", "[serve]") {
  using Point = Publisher::Point;
  for (const auto point : {Point::staged, Point::renamed}) {
    const TempDir folder;
    Programs programs;
    std::string id;
    {
      Process process(folder.path(), programs);
      id = process.add();
      REQUIRE(process.store.claim({}));
      write_file_atomically(process.folders.run(id) / "final.safetensors", weights());
      REQUIRE(process.store.begin_publishing(id));
      process.publisher.at_point = [&](Point at) {
        if (at == point) throw Killed();
      };
      Publication publication;
      publication.id = publication.job_id = id;
      publication.preset = "mini";
      publication.weights = process.folders.run(id) / "final.safetensors";
      REQUIRE_THROWS_AS(process.publisher.publish(publication), Killed);
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
  process.stop();
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
  CHECK(process.store.job(id)->error == "training failed with exit code 1: pocketstyle: it says why");
  process.wait_for_progress(id);
  programs.make_code = 3;
  CHECK(process.store.resume(id));
  process.queue.wake();
  CHECK(process.wait_to_end(id) == JobState::failed);
  CHECK(contains(process.store.job(id)->error, "make failed with exit code 3: pocketstyle: it says why"));
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
    process.stop();
    for (const std::string& id : ids) CHECK(process.store.job(id)->state == JobState::queued);
    CHECK(process.store.job(ids[0])->queue_position == 1);
  }
  CHECK(programs.most_training == 2);
  programs.hold = 0;
  Process next(folder.path(), programs);
  next.queue.start({});
  check_whole(next, ids);
}

TEST_CASE("a job that is lent goes back, goes on elsewhere, and is published once", "[serve]") {
  const TempDir folder;
  Programs programs;
  std::string id;
  {
    Process process(folder.path(), programs, /*jobs=*/0);
    process.queue.start({});
    CHECK_FALSE(process.queue.lend("nothing waits"));
    id = process.add();
    REQUIRE(process.queue.lend("first")->id == id);
    CHECK_FALSE(process.queue.lend("second"));
    CHECK(process.store.lent("first")->id == id);
    CHECK(process.queue.renew("first"));
    CHECK_FALSE(process.queue.renew("second"));
    write_file_atomically(process.folders.metrics(id), R"({"kind":"held_out","step":2,"loss":{"total":42}})"
                                                       "\n");
    CHECK(process.queue.take_back("first"));
    CHECK(process.store.job(id)->state == JobState::queued);
    CHECK(contains(process.store.job(id)->progress, "42"));
    for (const char* lease : {"first", "", "second"}) {
      CHECK_FALSE(process.queue.renew(lease));
      CHECK_FALSE(process.queue.take_back(lease));
      CHECK_FALSE(process.queue.finish_lent(lease));
      CHECK_FALSE(process.queue.fail_lent(lease, "no"));
    }
    REQUIRE(process.queue.lend("second"));
  }
  // The server starts again: its machine still has the job. It ends, with the weights but before they are published.
  {
    Process process(folder.path(), programs, /*jobs=*/0);
    process.queue.start({});
    CHECK(process.store.lent("second")->id == id);
    CHECK(process.queue.renew("second"));
    write_file_atomically(process.folders.run(id) / "final.safetensors", weights());
    REQUIRE(process.store.end_lease("second"));
  }
  Process process(folder.path(), programs, /*jobs=*/0);
  process.queue.start({});
  CHECK_FALSE(process.queue.lend("third"));  // nothing is left to train
  check_whole(process, {id});
  CHECK(programs.of("train").empty());
}

TEST_CASE("what arrives after its lease has ended is not taken", "[serve]") {
  const TempDir folder;
  Programs programs;
  Process process(folder.path(), programs, /*jobs=*/0);
  process.queue.start({});
  const std::string id = process.add();
  REQUIRE(process.queue.lend("a"));
  CHECK(process.queue.take_file("a", "run/metrics.jsonl", "one"));
  CHECK(process.queue.take_file("a", "run/checkpoints/step-00000001.safetensors", "1"));
  CHECK(process.queue.cancel(id));
  CHECK_FALSE(process.queue.take_file("a", "run/metrics.jsonl", "two"));
  REQUIRE(process.store.resume(id));
  REQUIRE(process.queue.lend("b"));
  CHECK_FALSE(process.queue.take_file("a", "run/metrics.jsonl", "three"));
  CHECK(read_file(process.folders.metrics(id)) == "one");
  CHECK(process.queue.take_file("b", "run/metrics.jsonl", "four"));
  CHECK(read_file(process.folders.metrics(id)) == "four");
  CHECK(names_in(process.folders.job(id)) == std::vector<std::string>{"run", "style.jpg"});
}

TEST_CASE("half a file that was left is removed at the next start", "[serve]") {
  const TempDir folder;
  Programs programs;
  Process process(folder.path(), programs, /*jobs=*/0);
  const std::string id = process.add();
  write_file_atomically(process.folders.job(id) / "incoming-1", "half");
  process.queue.start({});
  CHECK(names_in(process.folders.job(id)) == std::vector<std::string>{"style.jpg"});
}

TEST_CASE("a job whose row cannot be changed for a while is not left behind", "[serve]") {
  const TempDir folder;
  Programs programs;
  Process process(folder.path(), programs);
  const std::string id = add_held(process, programs);
  Database other(process.folders.database());
  other.run_script("CREATE TRIGGER no BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  programs.hold = 0;
  for (int i = 0; i < 1000 && programs.training != 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK(process.store.job(id)->state == JobState::training);
  other.run_script("DROP TRIGGER no");
  check_whole(process, {id});
  CHECK(programs.of("train").size() == 1);  // it had ended
}

TEST_CASE("a job whose machine is lost is trained here", "[serve]") {
  const TempDir folder;
  Programs programs;
  std::string id;
  {
    Process process(folder.path(), programs, /*jobs=*/0);
    id = process.add();
    REQUIRE(process.queue.lend("lost"));
  }
  Process process(folder.path(), programs, /*jobs=*/1, /*lease_seconds=*/1);
  process.queue.start({});
  CHECK(process.store.job(id)->state == JobState::training);  // it has a second to be heard of
  check_whole(process, {id});
  CHECK_FALSE(process.queue.renew("lost"));
}

TEST_CASE("a lent job fails, without weights too, and is cancelled", "[serve]") {
  const TempDir folder;
  Programs programs;
  Process process(folder.path(), programs, /*jobs=*/0);
  process.queue.start({});
  const std::string id = process.add();
  REQUIRE(process.queue.lend("a"));
  CHECK(process.queue.fail_lent("a", "no photos there"));
  CHECK(process.store.job(id)->state == JobState::failed);
  CHECK(process.store.job(id)->error == "no photos there");
  REQUIRE(process.store.resume(id));
  REQUIRE(process.queue.lend("b"));
  CHECK(process.queue.finish_lent("b"));
  CHECK(contains(process.store.job(id)->error, "sent no weights"));
  REQUIRE(process.store.resume(id));
  REQUIRE(process.queue.lend("c"));
  CHECK(process.queue.cancel(id));
  CHECK_FALSE(process.queue.renew("c"));
  CHECK_FALSE(process.queue.finish_lent("c"));
  CHECK(process.store.job(id)->state == JobState::cancelled);
}

TEST_CASE("shipped models are published once, and stay away when they are removed", "[serve]") {
  const TempDir folder;
  Programs programs;
  for (const char* net : {"mini", "micro"}) write_file_atomically(folder / net, weights());
  const std::vector<ShippedModel> shipped = {{"starry_night", "mini", folder / "mini", "mini.jsonl", "night.jpg"},
                                             {"starry_night", "micro", folder / "micro", "", ""}};
  for (int i = 0; i < 2; ++i) {
    Process process(folder / "data", programs);
    process.queue.start(shipped);
    for (int k = 0; k < 2000 && process.store.models().size() + static_cast<std::size_t>(i) < 2; ++k)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    process.wait_for_files();
    process.stop();
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

TEST_CASE("a file that is too inaccurate fails, and the others stay", "[serve]") {
  const TempDir folder;
  Programs programs;
  programs.too_inaccurate = "mini.fp16.ptl";
  Process process(folder.path(), programs);
  process.queue.start({});
  const std::string id = process.add();
  CHECK(process.wait_to_end(id) == JobState::done);
  process.wait_for_files();
  int ready = 0;
  const Model model = *process.store.model(id);
  for (const ModelFile& file : model.files) ready += file.state == FileState::ready;
  CHECK(ready == 15);
  const ModelFile failed = *process.store.file(id, "mini.fp16.ptl");
  CHECK(failed.state == FileState::failed);
  CHECK(failed.error == "differs by 1, allowed is 0.1");
  CHECK_FALSE(fs::exists(process.folders.model_file(id, "mini.fp16.ptl")));
  process.stop();
  CHECK(contains(read_file(process.folders.model(id) / "export.json"), "differs by 1, allowed is 0.1"));
}

TEST_CASE("a request that cannot be written is answered, and can be made again", "[serve]") {
  const TempDir folder;
  Programs programs;
  write_file_atomically(folder / "mini", weights());
  Process process(folder / "data", programs);
  REQUIRE(
      process.publisher.publish({.id = "a", .name = "A", .style = "a", .preset = "mini", .weights = folder / "mini"}));
  fs::remove_all(process.folders.making());
  write_file_atomically(process.folders.making(), "no folder, as little as on a full disk");
  CHECK(process.files.ask_for("a", "mini.onnx"));
  CHECK_FALSE(process.files.is_asked_for("a", "mini.onnx"));
  CHECK(process.store.file("a", "mini.onnx")->state == FileState::waiting);
  CHECK_THROWS_AS(process.maker.make({.make = "picture", .input = "x", .output = "y"}, Maker::Urgency::soon), Error);
  CHECK(process.maker.asked() == 0);
  fs::remove(process.folders.making());
  CHECK(process.files.ask_for("a", "mini.onnx"));
  for (int i = 0; i < 5000 && process.files.is_asked_for("a", "mini.onnx"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  CHECK(process.store.file("a", "mini.onnx")->state == FileState::ready);
}

TEST_CASE("a file that somebody asks for is made at once", "[serve]") {
  const TempDir folder;
  Programs programs;
  programs.cannot_be_made = "ptl";
  write_file_atomically(folder / "mini", weights());
  Process process(folder / "data", programs);
  REQUIRE(
      process.publisher.publish({.id = "a", .name = "A", .style = "a", .preset = "mini", .weights = folder / "mini"}));
  const auto made = [&](const std::string& name) {
    CHECK(process.files.ask_for("a", name));
    for (int i = 0; i < 5000 && process.store.file("a", name)->state == FileState::waiting; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return *process.store.file("a", name);
  };
  const ModelFile onnx = made("mini.int8.rgba.onnx");
  CHECK(onnx.state == FileState::ready);
  CHECK_FALSE(onnx.verified);
  CHECK(onnx.sha256 == "ab");
  CHECK(read_file(process.folders.model_file("a", onnx.name)) == "file");
  CHECK(made("mini.ptl").state == FileState::failed);
  CHECK(made("mini.ptl").error == "it cannot be made");
  programs.make_code = 9;
  CHECK(made("mini.onnx").state == FileState::failed);  // it ended the program, and is not tried again
  CHECK(made("mini.fp16.onnx").state == FileState::ready);
  CHECK(process.store.file("a", "mini.pt")->state == FileState::waiting);
  CHECK(process.files.ask_for("none", "mini.onnx"));
  // In its turn everything else is made, and compared with the network, also what was made before.
  process.files.start();
  process.wait_for_files();
  CHECK(process.store.file("a", "mini.int8.rgba.onnx")->verified);
  CHECK(process.store.file("a", "mini.onnx")->state == FileState::ready);  // which could be made this time
  CHECK(process.store.file("a", "mini.onnx")->error.empty());
}

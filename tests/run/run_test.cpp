// SPDX-License-Identifier: Apache-2.0
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/run/folder.h"
#include "pocketstyle/run/loss_terms.h"
#include "pocketstyle/run/metadata.h"
#include "pocketstyle/run/metrics.h"
#include "pocketstyle/run/phase_seconds.h"

#include <nlohmann/json.hpp>

#include <limits>
#include <map>
#include <set>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;
using testing::TempDir;

namespace {

/// Every term with a different value, in the rows' order: 1, 2, 3, ...
run::LossTerms counted_terms() {
  run::LossTerms loss;
  double next = 0;
  loss.visit([&](const char*, double& value) { value = ++next; });
  return loss;
}

std::vector<std::string> shown(const run::LossTerms& loss) {
  std::vector<std::string> names;
  loss.visit_shown([&](const char* name, double) { names.emplace_back(name); });
  return names;
}

run::StepRecord step_record(std::int64_t step) {
  return {.step = step,
          .loss = {.content = 1.5, .style = 2.25, .tv = 0.125},
          .total = 3.875,
          .gradient_norm = 1e6,
          .learning_rate = 0.001,
          .images_per_s = 0.1,
          .seconds = {.data = 0.5, .forward = 1, .loss = 2, .backward = 3, .exchange = 0, .optimiser = 0.25}};
}

constexpr const char* kStepLine =
    R"({"kind":"step","step":20,"loss":{"content":1.5,"style":2.25,"tv":0.125,"total":3.875},"gradient_norm":1000000.0,)"
    R"("learning_rate":0.001,"images_per_s":0.1,)"
    R"("seconds":{"data":0.5,"forward":1.0,"loss":2.0,"backward":3.0,"exchange":0.0,"optimiser":0.25}})";

}  // namespace

TEST_CASE("the server's interface names every term of the loss") {
  const auto schemas = nlohmann::json::parse(read_file(POCKETSTYLE_TEST_DATA "/../../src/serve/openapi.json"))
                           .at("/components/schemas"_json_pointer);
  std::set<std::string> names{"total"};
  run::LossTerms{}.visit([&](const char* name, double) { names.insert(name); });
  const auto properties = [&](const char* schema) {
    std::set<std::string> found;
    for (const auto& property : schemas.at(schema).at("properties").items()) found.insert(property.key());
    return found;
  };
  CHECK(properties("Loss") == names);
  names.insert("step");
  CHECK(properties("LossEvent") == names);
}

TEST_CASE("bytes that are not UTF-8 become valid JSON") {
  CHECK(json_text(nlohmann::json("caf\xE9")) == "\"caf\xEF\xBF\xBD\"");
  CHECK(json_text(nlohmann::ordered_json{{"a", "\u00e9"}}, 2) == "{\n  \"a\": \"\u00e9\"\n}");
}

TEST_CASE("every term of the loss counts in the total, in means and in comparisons") {
  const run::LossTerms loss = counted_terms();
  const auto count = static_cast<double>(run::LossTerms::rows().size());
  CHECK(loss.total() == count * (count + 1) / 2);
  run::LossTerms mean;
  mean.add(loss, 0.25);
  mean.add(loss, 0.75);
  CHECK(mean == loss);
  mean.temporal += 1;
  CHECK_FALSE(mean == loss);
  CHECK(loss.grid == 4);
  CHECK(loss.temporal == 6);
}

TEST_CASE("the perceptual loss's terms are always shown, others where there are any") {
  CHECK(shown({}) == std::vector<std::string>{"content", "style", "tv"});
  CHECK(shown({.content = 1, .temporal = 2}) == std::vector<std::string>{"content", "style", "tv", "temporal"});
  CHECK(shown(counted_terms()) == std::vector<std::string>{"content", "style", "tv", "grid", "teacher", "temporal"});
  CHECK(run::shares_text({.content = 20, .style = 79, .tv = 1}) == "content 20%, style 79%, tv 1%");
  CHECK(run::shares_text({.content = 10, .distillation = 30}) == "content 25%, style 0%, tv 0%, teacher 75%");
  CHECK(run::values_text({.content = 200.4, .style = 790, .tv = 10}) == "content 200, style 790, tv 10");
}

TEST_CASE("every phase counts in a step's seconds") {
  run::PhaseSeconds phases;
  phases.visit([](const char*, double& value) { value = 2; });
  CHECK(phases.total() == 2.0 * static_cast<double>(run::PhaseSeconds::rows().size()));
  phases.add(phases, 0.5);
  CHECK(phases.exchange == 3);
}

TEST_CASE("checkpoints and previews are found by their names, in order") {
  const TempDir folder;
  CHECK(run::list_checkpoints(folder.path()).empty());
  CHECK(run::list_preview_steps(folder.path()).empty());
  CHECK(run::checkpoint_path("r", 250) == "r/checkpoints/step-00000250.safetensors");
  CHECK(run::preview_path("r", 250, 3) == "r/previews/step-00000250-3.png");
  for (const std::int64_t step : {1000, 9, 20}) {
    write_file_atomically(run::checkpoint_path(folder.path(), step), "");
    for (const std::size_t photo : {0U, 1U}) write_file_atomically(run::preview_path(folder.path(), step, photo), "");
  }
  write_file_atomically(run::best_checkpoint_path(folder.path()), "");
  write_file_atomically(folder / "checkpoints/step-00000030.safetensors.tmp7", "");
  write_file_atomically(folder / "previews/step-soon-0.png", "");
  write_file_atomically(folder / "previews/step-0.png", "");
  const auto checkpoints = run::list_checkpoints(folder.path());
  REQUIRE(checkpoints.size() == 3);
  CHECK(checkpoints.front() == run::checkpoint_path(folder.path(), 9));
  CHECK(checkpoints.back() == run::checkpoint_path(folder.path(), 1000));
  CHECK(run::old_checkpoints(folder.path(), 2) == std::vector{checkpoints.front()});
  CHECK(run::old_checkpoints(folder.path(), 0) == checkpoints);
  CHECK(run::old_checkpoints(folder.path(), 4).empty());
  CHECK(run::list_preview_steps(folder.path()) == std::vector<std::int64_t>{9, 20, 1000});
}

TEST_CASE("records are written as docs/formats.md has them, and read as they were") {
  CHECK(run::to_line(step_record(20)) == kStepLine);
  CHECK(run::to_line(run::ValidationRecord{0, {.content = 1, .style = 2}, 3}) ==
        R"({"kind":"held_out","step":0,"loss":{"content":1.0,"style":2.0,"tv":0.0,"total":3.0}})");
  CHECK(run::to_line(run::RollbackRecord{4, 7, "the loss is not finite"}) ==
        R"({"kind":"rollback","step":4,"from_step":7,"why":"the loss is not finite"})");

  const run::PlanRecord plan{12, 250, 5, 1.125, 280};
  CHECK(run::to_line(plan) ==
        R"({"kind":"plan","step":12,"steps":250,"minutes":5.0,"seconds_per_step":1.125,"seconds_left":280.0})");
  CHECK(run::to_line(*run::parse_line(run::to_line(plan))) == run::to_line(plan));

  run::StepRecord step = step_record(20);
  step.loss = counted_terms();
  step.total = step.loss.total();
  const auto again = run::parse_line(run::to_line(step));
  REQUIRE(again);
  const auto& read = std::get<run::StepRecord>(*again);
  CHECK(read.step == 20);
  CHECK(read.loss == step.loss);
  CHECK(read.total == step.total);
  CHECK(read.gradient_norm == 1e6);
  CHECK(read.learning_rate == 0.001);
  CHECK(read.images_per_s == 0.1);
  CHECK(read.seconds.total() == step.seconds.total());
  const auto back = run::parse_line(run::to_line(run::RollbackRecord{4, 7, "why"}));
  REQUIRE(back);
  CHECK(std::get<run::RollbackRecord>(*back).from_step == 7);
  CHECK(std::get<run::RollbackRecord>(*back).why == "why");
}

TEST_CASE("what is not a record is none, and what a record lacks is 0") {
  for (const char* line :
       {"", "nonsense", "[1, 2]", "{}", R"({"kind":"step"})", R"({"kind":"st)", R"({"kind":"step","step":1})",
        R"({"kind":"step","step":"1","loss":{"total":1}})", R"({"kind":"step","step":1.5,"loss":{"total":1}})",
        R"({"kind":"step","step":1,"loss":[]})", R"({"kind":"step","step":1,"loss":{"total":null}})",
        R"({"kind":7,"step":1})", R"({"kind":"later","step":1,"loss":{"total":1}})",
        R"({"kind":"rollback","step":1,"why":[]})"}) {
    INFO(line);
    CHECK_FALSE(run::parse_line(line));
  }
  run::StepRecord infinite = step_record(3);
  infinite.total = std::numeric_limits<double>::infinity();
  CHECK_FALSE(run::parse_line(run::to_line(infinite)));
  const auto sparse = run::parse_line(R"({"kind":"step","step":3,"loss":{"total":5.5,"new":1},"gradient_norm":null})");
  REQUIRE(sparse);
  CHECK(std::get<run::StepRecord>(*sparse).total == 5.5);
  CHECK(std::get<run::StepRecord>(*sparse).loss == run::LossTerms());
  CHECK(std::get<run::StepRecord>(*sparse).gradient_norm == 0);
}

TEST_CASE("a run that goes on keeps the records up to its step, and drops half a line") {
  const TempDir folder;
  const auto file = folder / run::kMetricsName;
  CHECK(run::read_metrics(file).empty());
  const std::string unknown = R"({"kind":"later","step":2})";
  {
    run::MetricsWriter writer(file, -1);
    for (const std::int64_t step : {1, 2, 3}) writer.write(step_record(step));
  }
  const auto line = [](std::int64_t step) { return run::to_line(step_record(step)) + "\n"; };
  CHECK(read_file(file) == line(1) + line(2) + line(3));
  write_file_atomically(file, read_file(file) + unknown + "\n[1]\n" + R"({"kind":"st)");
  CHECK(run::read_metrics(file).size() == 3);
  {
    run::MetricsWriter writer(file, 2);
    CHECK(read_file(file) == line(1) + line(2) + unknown + "\n");
    writer.write(step_record(3));
    writer.drop_after(1);
    writer.write(run::RollbackRecord{1, 3, "why"});
  }
  CHECK(read_file(file) == line(1) + run::to_line(run::RollbackRecord{1, 3, "why"}) + "\n");
  const run::MetricsWriter anew(file, -1);
  CHECK(read_file(file).empty());
}

TEST_CASE("an architecture survives JSON; nonsense does not") {
  const config::Architecture architecture{
      .kernel = 3, .widths = {4, 6, 8}, .block = config::BlockKind::residual, .blocks = 2, .mid = 4};
  CHECK(run::architecture_to_json(architecture) ==
        R"({"kernel":3,"widths":[4,6,8],"block":"residual","blocks":2,"mid":4})");
  CHECK(run::architecture_from_json(run::architecture_to_json(architecture), "f") == architecture);
  const std::map<std::string, std::string> nonsense = {
      {"{}", "data: f.pt: invalid pocketstyle.net"},
      {"no JSON", "data: f.pt"},
      {R"({"kernel":4,"widths":[1,2,3],"block":"residual","blocks":1,"mid":0})", "odd number"},
      {R"({"kernel":3,"widths":[1,2],"block":"residual","blocks":1,"mid":0})", "data: f.pt"},
      {R"({"kernel":3,"widths":[1,2,3],"block":"round","blocks":1,"mid":0})", "round"}};
  for (const auto& [json, says] : nonsense) {
    const std::string error = error_of([&, &text = json] { run::architecture_from_json(text, "f.pt"); });
    INFO(json << ": " << error);
    CHECK(contains(error, says));
  }
}

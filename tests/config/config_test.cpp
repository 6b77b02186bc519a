// SPDX-License-Identifier: Apache-2.0
#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/variable.h"

#include "pocketstyle/config/load.h"
#include "pocketstyle/core/files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

namespace {

const std::string kMinimal = "style:\n  image: s.jpg\ndata:\n  train: photos\n";

config::Config parse(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
  return config::parse_config(yaml, "f.yaml", "/base", overrides);
}

/// Every key as "section.key".
struct KeyNames {
  std::vector<std::string> all;
  std::string section_name;
  template <class S>
  void section(std::string_view name, S& value, std::string_view) {
    section_name = name;
    value.visit(*this);
  }
  template <class T>
  void field(std::string_view name, T&, const config::FieldInfo& info) {
    CHECK_FALSE(info.help.empty());
    all.push_back(std::string(name));
  }
};

}  // namespace

TEST_CASE("a minimal file gives the defaults, paths relative to the file") {
  const config::Config config = parse(kMinimal);
  CHECK(config.style.image == "/base/s.jpg");
  CHECK(config.data.train == "/base/photos");
  CHECK(config.data.held_out.empty());
  CHECK(config.train.steps == 4000);
  CHECK(config.train.clip == 2);
  CHECK(config.net.architecture() == config::find_preset("bottleneck").architecture);
}

TEST_CASE("what processes share leaves out paths and what each may set for itself") {
  const config::Config config = parse(kMinimal);
  const std::string shared = config::shared_yaml(config);
  for (const char* key :
       {"learning_rate: 0.002", "seed: 1", "evaluate_every: 500", "held_out_photos: 12", "weights: []"}) {
    INFO(key);
    CHECK(contains(shared, std::string("  ") + key + "\n"));
  }
  for (const char* key :
       {"image", "more", "train", "init", "folder", "workers", "cache_mb", "threads", "device", "keep"}) {
    INFO(key);
    CHECK_FALSE(contains(shared, std::string("  ") + key + ":"));
  }
  CHECK(shared == config::shared_yaml(parse(kMinimal, {"run.threads=3", "run.folder=elsewhere", "style.image=o.jpg"})));
  CHECK(shared != config::shared_yaml(parse(kMinimal, {"run.seed=3"})));
}

TEST_CASE("~ in paths is the home folder, in the file and in --set") {
  const testing::Variable home("HOME", "/home/me");
  const config::Config config = parse("style: {image: ~/s.jpg, more: [~/t.jpg, u.jpg]}\ndata: {train: photos}\n",
                                      {"data.held_out=~/held", "run.folder=runs/~"});
  CHECK(config.style.image == "/home/me/s.jpg");
  CHECK(config.style.more == std::vector<std::filesystem::path>{"/home/me/t.jpg", "/base/u.jpg"});
  CHECK(config.data.held_out == "/home/me/held");
  CHECK(config.run.folder == std::filesystem::current_path() / "runs/~");
}

TEST_CASE("an integer may have an exponent if it is whole") {
  CHECK(parse(kMinimal, {"train.steps=1e3"}).train.steps == 1000);
  CHECK(parse(kMinimal + "train: {steps: 2.5E2}\n").train.steps == 250);
  for (const char* text : {"2.5", "1e-3", "1e300", "1e", "e3", "1e3x"})
    CHECK(contains(error_of([&] { parse(kMinimal, {std::string("train.steps=") + text}); }), "expected"));
}

TEST_CASE("a tab is named with its place, where YAML does not allow one") {
  const auto error = [](const std::string& yaml) { return error_of([&] { parse(yaml); }); };
  CHECK(contains(error("style:\n\timage: s.jpg\n"), "f.yaml:2:1: not YAML: a tab, expected spaces"));
  CHECK(
      contains(error("# tabs\there are none\ndata:\n  train: photos\n  \tcrop: 64\n"), "f.yaml:4:3: not YAML: a tab"));
  CHECK(parse("style:\n  image: s.jpg\t# a tab elsewhere\n\t\ndata:\n  train: photos\n").data.train == "/base/photos");
}

TEST_CASE("paths that are not UTF-8 are written and read as they are") {
  config::Config config = parse(kMinimal);
  config.style.image = "/base/caf\xE9 it's: #1.jpg";
  config.style.more = {"/base/\xFF, 2.jpg", "/base/a, [b] {c}.jpg", "/base/caf\u00e9.jpg"};
  const config::Config again = parse(config::to_yaml(config, /*comments=*/true));
  CHECK(again.style.image == config.style.image);
  CHECK(again.style.more == config.style.more);
}

TEST_CASE("each problem is named with its place") {
  struct Case {
    std::string yaml, message;
  };
  const Case c = GENERATE(values<Case>(
      {{"train:\n  stepz: 5\n", "f.yaml:2:3: train.stepz: unknown key; did you mean steps?"},
       {"trian:\n  steps: 5\n", "f.yaml:1:1: trian: unknown section; did you mean train?"},
       {"train:\n  zzzzzz: 5\n", "train.zzzzzz: unknown key; expected one of steps, minutes, batch"},
       {"net:\n  bloks: 5\n", "net.bloks: unknown key; did you mean blocks?"},
       {"train:\n  crop: 64\n", "f.yaml:2:3: train.crop: unknown key; did you mean data.crop?"},
       {"train:\n  ? [a]\n  : 5\n", "unknown key"},
       {"train:\n  steps: 5\n  steps: 6\n", "f.yaml:3:3: train.steps: given twice, first on line 2"},
       {"train:\n  steps: 5\ntrain:\n  batch: 6\n", "f.yaml:3:1: train: given twice"},
       {"train:\n  steps: abc\n", "f.yaml:2:10: train.steps: expected an integer, found 'abc'"},
       {"train:\n  steps: 1.5\n", "expected an integer, found '1.5'"},
       {"train:\n  steps: 1e-3\n", "expected an integer, found '1e-3'"},
       {"train:\n  steps: 0x10\n", "expected an integer, found '0x10'"},
       {"train:\n  steps:\n", "f.yaml:2:3: train.steps: expected an integer, found nothing"},
       {"train:\n  steps: 99999999999999999999\n", "train.steps: expected 1000000000000 or less, found 9999"},
       {"train:\n  warmup: -99999999999999999999\n", "train.warmup: expected 0 or more, found -9999"},
       {"data:\n  crop: 8\n", "f.yaml:2:9: data.crop: expected 16 to 4096, found 8"},
       {"train:\n  steps: 0\n", "train.steps: expected 1 or more, found 0"},
       {"train:\n  steps: [1]\n", "expected an integer, found a list"},
       {"train:\n  learning_rate: .nan\n", "expected a finite number"},
       {"loss:\n  tv: .inf\n", "loss.tv: expected a finite number, found '.inf'"},
       {"loss:\n  tv: -1\n", "f.yaml:2:7: loss.tv: expected 0 or more, found -1"},
       {"loss:\n  tv: [1]\n", "loss.tv: expected a number, found a list of 1"},
       {"train:\n  learning_rate: fast\n", "expected a finite number, found 'fast'"},
       {"train: 5\n", "f.yaml:1:8: train: expected keys below it, found '5'"},
       {"train:\n  - 5\n", "f.yaml:2:3: train: expected keys below it, found a list of 1"},
       {"- a\n", "f.yaml:1:1: expected sections, found a list"},
       {"net:\n  preset: huge\n", "expected one of original, bottleneck, slim, mini, micro, pocket, found 'huge'"},
       {"net:\n  widths: [1, 2]\n",
        "f.yaml:2:11: net.widths: expected a list of 3 integers such as [32, 64, 128], found a list of 2"},
       {"net:\n  widths: 8\n", "net.widths: expected a list of 3 integers such as [32, 64, 128], found '8'"},
       {"net:\n  widths: [1, 2.5, 3]\n", "f.yaml:2:15: net.widths: expected an integer, found '2.5'"},
       {"net:\n  widths: [1, 2, -1]\n", "f.yaml:2:18: net.widths: expected 0 to 4096, found -1"},
       {"run:\n  device: tpu\n", "expected one of auto, cpu, cuda"},
       {"a: [\n", "f.yaml:1:1: not YAML: end of sequence flow not found"},
       {"style:\n  image: \"a\n", "f.yaml:2:12: not YAML"},
       {"style:\n  image: *a\n", "f.yaml:2:10: not YAML: the referenced anchor is not defined"},
       {"train:\n  steps: 5\n---\ntrain:\n  steps: 6\n", "f.yaml:3:1: a second YAML document"},
       {"run:\n  preview_every: 500:\n  keep: 2\n", "f.yaml:"},
       {"text\n", "f.yaml:1:1: expected sections, found 'text'"},
       {"style:\n  trim: maybe\n", "f.yaml:2:9: style.trim: expected true or false, found 'maybe'"},
       {"style:\n  more: a.jpg\n", "style.more: expected a list of paths such as [a.jpg, b.jpg], found 'a.jpg'"},
       {"style:\n  weights: [1, x]\n", "f.yaml:2:16: style.weights: expected a finite number, found 'x'"},
       {"loss:\n  style_layers: [1, 2]\n",
        "loss.style_layers: expected a list of 4 numbers such as [0.7, 0.3], found a list of 2"},
       {"loss:\n  style_layers: [1, 2, 3, -1]\n", "loss.style_layers: expected 0 or more, found -1"},
       {"style:\n  image:\n    a: 1\n", "style.image: expected a path, found a map"}}));
  const std::string error = error_of([&] { parse(c.yaml); });
  INFO(error);
  CHECK(contains(error, "usage: "));
  CHECK(contains(error, c.message));
}

TEST_CASE("rules across keys name the key's place") {
  struct Case {
    std::string yaml, message;
  };
  const Case c = GENERATE(values<Case>(
      {{"", "f.yaml: style.image: is required"},
       {"style:\n  image: a\n", "f.yaml: data.train: is required"},
       {kMinimal + "  crop: 130\n", "f.yaml:5:9: data.crop: expected a multiple of 4, found 130"},
       {kMinimal + "  window_max: 100\n", "f.yaml:5:15: data.window_max: expected data.crop (256) or more"},
       {kMinimal + "net:\n  kernel: 8\n", "f.yaml:6:11: net.kernel: expected an odd number"},
       {kMinimal + "  small_crop: 300\n",
        "f.yaml:5:15: data.small_crop: expected 0 or a multiple of 4 from 16 to data.crop (256), found 300"},
       {kMinimal + "  small_crop: 50\n", "found 50"},
       {kMinimal + "  crop: 400\n", "f.yaml: data.window_max: expected data.crop (400) or more, found 360"},
       {"style:\n  image: a\n  more: [b.jpg]\n  weights: [1]\ndata:\n  train: p\n",
        "f.yaml:4:12: style.weights: expected one number per style picture (2), found 1"},
       {kMinimal + "train:\n  steps: 1\n  init: x\nloss:\n  style_layers: [0, 0, 0]\n", "a list of 4 numbers"},
       {kMinimal + "temporal:\n  weight: 1\n  noise: 0\n  shift: 0\n",
        "f.yaml:6:11: temporal.weight: expected temporal.noise or temporal.shift above 0 as well"},
       {kMinimal + "  crop: 16\ntemporal:\n  weight: 1\n  shift: 9\n",
        "f.yaml:8:10: temporal.shift: expected half of the smallest crop (16) or less, found 9"},
       {kMinimal + "net:\n  preset: original\n  block: bottleneck\n", "net.mid: is required: the preset original"}}));
  const std::string error = error_of([&] { parse(c.yaml); });
  INFO(error);
  CHECK(contains(error, c.message));
}

TEST_CASE("all problems are told at once, a line each, and none that only follows from another") {
  const std::string error =
      error_of([] { parse("train:\n  stepz: 1\n  batch: x\nnett: {}\ndata:\n  train: p\n  crop: 18\n"); });
  INFO(error);
  CHECK(std::count(error.begin(), error.end(), '\n') == 4);
  for (const char* part :
       {"train.stepz", "train.batch", "nett", "style.image: is required", "data.crop: expected a mult"})
    CHECK(contains(error, part));
  // The crop itself is wrong, so there is no message about the window, which must not be smaller.
  const std::string one = error_of([] { parse(kMinimal + "  crop: 9999\n  window_max: 100\n"); });
  CHECK(one == "usage: f.yaml:5:9: data.crop: expected 16 to 4096, found 9999");
  CHECK(one.find('\n') == std::string::npos);
}

TEST_CASE("integers are decimal, line ends of any system and sections without keys are taken") {
  CHECK(parse(kMinimal + "  crop: 0100\n").data.crop == 100);
  CHECK(parse(kMinimal + "train:\nnet:\n  kernel:\n").train.steps == 4000);
  CHECK(parse("%YAML 1.2\n# mine\n---\n" + kMinimal).data.train == "/base/photos");
  CHECK(parse("style:\r\n  image: s.jpg\r\ndata:\r\n  train: p\r\n").data.train == "/base/p");
}

TEST_CASE("a file that is not there is named") {
  CHECK(contains(error_of([] { config::load_config("/no/such.yaml"); }), "data: /no/such.yaml: "));
}

TEST_CASE("widths that the program sets itself are checked too") {
  config::NetConfig net;
  net.widths = std::vector<std::int64_t>{8, 8};
  CHECK(contains(error_of([&] { (void)net.architecture(); }), "net.widths: expected a list of 3 integers, found 2"));
  net.widths = std::vector<std::int64_t>{0, 8, 0};  // only the first may be 0
  CHECK(contains(error_of([&] { (void)net.architecture(); }), "net.widths: expected 1 to 4096, found 0"));
}

TEST_CASE("minutes or steps: an override replaces the file's, and minutes go first in a file") {
  const std::string steps = kMinimal + "train:\n  steps: 9\n", minutes = kMinimal + "train:\n  minutes: 5\n";
  CHECK(parse(minutes).train.minutes == 5);
  CHECK(parse(steps, {"train.minutes=5"}).train.minutes == 5);
  CHECK(parse(steps + "  minutes: 5\n").train.minutes == 5);
  CHECK(parse(minutes, {"train.steps=7"}).train.minutes == 0);
  CHECK(parse(minutes, {"train.steps=7"}).train.steps == 7);
  CHECK(parse(minutes, {"train.steps=7", "train.minutes=0"}).train.steps == 7);
  CHECK(contains(error_of([&] {
                   parse(kMinimal, {"train.steps=7", "train.minutes=5"});
                 }),
                 "--set train.steps: train.steps: given together with train.minutes"));
  CHECK(contains(error_of([&] { parse(minutes, {"data.small_crop=64"}); }), "train.minutes: expected 0 with data.sma"));
}

TEST_CASE("train.init is a word or a path") {
  CHECK(parse(kMinimal).train.init == "base");
  CHECK(parse(kMinimal + "train:\n  init: none\n").train.init == "none");
  CHECK(parse(kMinimal + "train:\n  init: ./none\n").train.init == "/base/none");
  CHECK(parse(kMinimal + "train:\n  init: nets/a\n").train.init == "/base/nets/a");
  for (const char* word : {"base", "none"}) {
    config::Config config = parse(kMinimal);
    config.train.init = word;
    CHECK(parse(config::to_yaml(config, true)).train.init == word);
  }
}

TEST_CASE("--set replaces the file's value and is named in its errors") {
  CHECK(parse(kMinimal, {"train.steps=7", "train.steps=8"}).train.steps == 8);
  CHECK(parse(kMinimal, {"net.widths=[8, 8, 8]"}).net.architecture().widths[0] == 8);
  CHECK(parse(kMinimal, {"run.folder=here"}).run.folder == std::filesystem::current_path() / "here");
  CHECK(contains(error_of([] { parse(kMinimal, {"train.steps=x"}); }), "--set train.steps: train.steps: expected"));
  CHECK(contains(error_of([] { parse(kMinimal, {"steps=3"}); }), "expected section.key=value"));
  CHECK(contains(error_of([] { parse(kMinimal, {"train.nothing=3"}); }), "unknown key"));
  for (const char* text : {".steps=3", "train.=3", "train=3", "train.steps"})
    CHECK(
        contains(error_of([&] { parse(kMinimal, {text}); }), "--set " + std::string(text) + ": expected section.key"));
}

TEST_CASE("--set takes paths as they stand, and nothing resets what may be left out") {
  const auto here = std::filesystem::current_path();
  CHECK(parse(kMinimal, {"style.image=a b #1: c.jpg"}).style.image == here / "a b #1: c.jpg");
  CHECK(parse(kMinimal + "net:\n  mid: 8\n", {"net.mid="}).net.mid == std::nullopt);
  CHECK(parse(kMinimal + "  held_out: h\n", {"data.held_out="}).data.held_out.empty());
  CHECK(contains(error_of([] { parse(kMinimal, {"net.widths=[8, 8"}); }), "--set net.widths: not a YAML list"));
  CHECK(contains(error_of([] { parse(kMinimal, {"net.widths=8,8,8"}); }), "such as [32, 64, 128], found '8,8,8'"));
}

TEST_CASE("a dump gives the same configuration again and shows every key") {
  config::Config config = parse(kMinimal, {"net.preset=mini", "net.mid=20", "loss.tv=3e-7", "train.learning_rate=0.1"});
  for (const bool comments : {true, false}) {
    const std::string yaml = config::to_yaml(config, comments);
    CHECK(config::to_yaml(parse(yaml), comments) == yaml);
  }
  KeyNames names;
  config.visit(names);
  CHECK(names.all.size() > 30);
  const std::string yaml = config::to_yaml(config, true);
  for (const std::string& name : names.all) CHECK(contains(yaml, name + ":"));
}

TEST_CASE("a dump keeps odd paths and every bit of a number") {
  config::Config config = parse(kMinimal);
  config.style.image = "/a b/#x: [y] 'z' \"q\".jpg";
  config.data.train = "/tmp/ spaces ";
  config.loss.tv = 0.1 + 0.2;
  config.loss.style = 1.0 / 3;
  config.style.more = {"/a, b.jpg", "/c]d.jpg", "/'e'.jpg"};
  config.style.weights = {0.1 + 0.2, 1, 0, 2e-9};
  for (const bool comments : {true, false}) {
    const config::Config again = parse(config::to_yaml(config, comments));
    CHECK(again.style.image == config.style.image);
    CHECK(again.data.train == config.data.train);
    CHECK(again.style.more == config.style.more);
    CHECK(again.style.weights == config.style.weights);
    CHECK(again.loss.tv == config.loss.tv);
    CHECK(again.loss.style == config.loss.style);
  }
}

TEST_CASE("the defaults print as a template that loads once the required paths are in") {
  const std::string yaml = config::to_yaml(config::Config{}, true);
  CHECK(contains(yaml, "# kernel:"));
  CHECK(contains(yaml, "(16 to 4096)"));
  CHECK(contains(yaml, "(auto | cpu | cuda)"));
  CHECK(contains(error_of([&] { parse(yaml); }), "style.image: is required"));
  const config::Config config = parse(yaml, {"style.image=s.jpg", "data.train=p"});
  CHECK(config.train.steps == config::Config{}.train.steps);
}

TEST_CASE("--set fills the template in, and is as strict there") {
  const config::Config config = config::template_config({"net.preset=mini", "train.steps=7"});
  CHECK(config.net.preset == "mini");
  CHECK(config.train.steps == 7);
  CHECK(config.run.folder == "runs/style");
  CHECK(config::template_config({}).style.image.empty());
  const std::string error = error_of([] { config::template_config({"train.stepz=7", "data.crop=33"}); });
  CHECK(contains(error, "--set train.stepz: train.stepz: unknown key; did you mean steps?"));
  CHECK(contains(error, "--set data.crop: data.crop: expected a multiple of 4, found 33"));
}

TEST_CASE("every shipped configuration loads") {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(POCKETSTYLE_TEST_DATA "/../../configs")) {
    if (entry.path().extension() != ".yaml") continue;
    ++count;
    const config::Config config = config::load_config(entry.path());
    CHECK(std::filesystem::exists(config.style.image));
    CHECK(std::filesystem::is_directory(config.data.train));
  }
  CHECK(count >= 2);
}

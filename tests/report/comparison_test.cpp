// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/report/comparison.h"

#include "report/chart.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/core/files.h"

#include <nlohmann/json.hpp>

#include <cctype>
#include <cstdlib>
#include <set>

using namespace pocketstyle;
using testing::contains;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

report::Network network_of(const std::string& name, const std::string& preset, double loss) {
  report::Network network{.name = name, .architecture = config::find_preset(preset).architecture};
  network.style = "starry_night";
  network.exported = {"pt", preset == "original" ? 6'800'000 : 850'000};
  network.runtime = "torchscript";
  network.load_ms = 12.5;
  network.latency = results::Latency{preset == "original" ? 120.0 : 25.0, 130.0};
  network.process = results::ProcessCost{800, 1200, 210'000'000};
  network.scores["total"] = {{loss, 0.95 * loss, 1.05 * loss}, results::Interval{1.5, -0.4, 3.1}};
  network.scores["ssim"] = {{0.5, 0.4, 0.6}, results::Interval{-9.0, -12.0, -6.0}};
  network.scores["shift"] = {{0.01, -0.02, 0.03}, results::Interval{0.005, 0.001, 0.009}};
  network.curves = {{{{1, 900'000}, {50, 400'000}, {100, 260'000}}, {{0, 1'000'000}, {100, loss}}}};
  network.pictures = {{"data:image/jpeg;base64,QQ==", 64, 48}};
  return network;
}

report::Comparison comparison() {
  report::Comparison all;
  all.metrics = {{"total", "validation loss", "", results::Better::lower, "What training minimises."},
                 {"ssim", "SSIM", "", results::Better::higher, "How much of the photo is kept."},
                 {"shift", "shift", "px", results::Better::lower, "Around zero.", false},
                 {"nima", "NIMA", "", results::Better::higher, "Not measured here."}};
  all.networks = {network_of("original", "original", 250'000), network_of("small", "mini", 260'000)};
  all.networks.front().scores["total"].difference = results::Interval{};
  all.photos = {{"beach", {"data:image/jpeg;base64,QUI=", 64, 48}}};
  all.conditions = {
      "2026-11-25", "A processor", "pocketstyle 0, LibTorch 1", 2, 2, 2, 15, 3, 256, 256, "starry_night", 12};
  return all;
}

/// The first tag that is not closed in order, or "". Knows only the tags of the report's page, and fails on a text with
/// a < that does not start a tag.
std::string first_misnested(const std::string& html) {
  const std::set<std::string> empty = {"meta", "img", "input", "line", "circle", "polyline"};
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at)) {
    if (html.compare(at, 2, "<!") == 0) {
      ++at;
      continue;
    }
    const bool closes = html[at + 1] == '/';
    std::size_t end = at + (closes ? 2 : 1);
    std::string name;
    while (std::isalnum(static_cast<unsigned char>(html[end])) != 0) name += html[end++];
    if (name.empty()) return html.substr(at, 30);
    bool quoted = false;
    for (; html[end] != '>' || quoted; ++end)
      if (html[end] == '"') quoted = !quoted;
    at = end;
    if (empty.contains(name)) continue;
    if (!closes) {
      open.push_back(name);
      if (name == "script" || name == "style") at = html.find("</" + name, at);
    } else {
      if (open.empty() || open.back() != name) return name;
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

}  // namespace

TEST_CASE("a comparison in Markdown is as approved") {
  const std::string path = POCKETSTYLE_TEST_DATA "/approved/comparison.md";
  const std::string found = report::to_markdown(comparison());
  if (std::getenv("POCKETSTYLE_APPROVE") != nullptr) write_file_atomically(path, found);
  CHECK(found == read_file(path));
}

TEST_CASE("every form of a comparison with all kinds of cells is as approved") {
  report::Comparison all = comparison();
  all.photo_scores["ssim"] = {1, 1, 1};
  all.networks.push_back(network_of("micro-2", "micro", 1234.5));
  auto& last = all.networks.back();
  last.scores["total"].difference = results::Interval{-99.5, -99.6, -99.4};
  last.scores["ssim"].difference = results::Interval{0.02, -0.04, 0.04};
  last.scores["shift"].difference = results::Interval{-12.34, -1234.5, -0.25};
  last.style = "";
  last.runtime = "";
  last.load_ms = {};
  last.process = {};
  last.latency = {};
  all.networks.push_back({.name = "deep", .architecture = all.networks.front().architecture});
  all.networks.back().architecture.blocks = 7;
  const auto approved = [](const std::string& extension, const std::string& found) {
    const std::string path = POCKETSTYLE_TEST_DATA "/approved/comparison_cells." + extension;
    if (std::getenv("POCKETSTYLE_APPROVE") != nullptr) write_file_atomically(path, found);
    INFO(extension);
    CHECK(found == read_file(path));
  };
  approved("txt", report::to_text(all));
  approved("md", report::to_markdown(all));
  approved("json", report::to_json(all));
  const std::string html = report::to_html(all);  // without style sheet and script
  approved("html", html.substr(html.find("<header>"), html.find("<footer>") - html.find("<header>")));
}

TEST_CASE("the page is well-formed, whole and needs nothing from elsewhere") {
  const std::string html = report::to_html(comparison());
  CHECK(first_misnested(html) == "");
  for (const char* part : {"<h1>What compression costs</h1>", "small against original", "<caption", "scope=\"col\"",
                           "scope=\"row\"", "id=\"pictures\"", "id=\"training\"", "prefers-color-scheme: dark",
                           "@media print", "type=\"range\"", "8.37\u00d7", "C\u1d63", "363,712", "466,112", "P10 Plus"})
    CHECK(contains(html, part));
  for (const char* part : {"http://", "https://", "<link", "@import", "url("}) CHECK_FALSE(contains(html, part));
  CHECK(count(html, "data:image/jpeg;base64,") == 3);  // the photo, and each network's picture, once
  CHECK(count(html, "<svg") == 5);                     // three of costs, two of training
  CHECK(count(html, "<figcaption>") == count(html, "</figcaption>"));
}

TEST_CASE("names cannot break out of any form") {
  report::Comparison all = comparison();
  const std::string hostile = "<script>alert('1')</script>\" | `x` {{title}} {{{css}}} & \n# head";
  all.networks[1].name = hostile;
  all.networks[1].style = hostile;
  all.photos[0].name = hostile;
  all.conditions.style = hostile;
  all.metrics[0].heading = hostile;
  const std::string html = report::to_html(all);
  CHECK(first_misnested(html) == "");
  CHECK_FALSE(contains(html, "<script>alert"));
  CHECK(count(html, "<script>") == 1);
  CHECK(contains(html, "{{title}} {{{css}}}"));
  const std::string markdown = report::to_markdown(all);
  CHECK_FALSE(contains(markdown, "<script"));
  CHECK_FALSE(contains(markdown, "\n# head"));
  CHECK(nlohmann::json::parse(report::to_json(all))["networks"][1]["name"] == hostile);
  all.networks[1].name = "latin1 \xE9";
  CHECK(nlohmann::json::accept(report::to_json(all)));
}

TEST_CASE("what was not measured is left out or a dash") {
  report::Comparison bare;
  bare.networks = {{.name = "a", .architecture = config::find_preset("original").architecture},
                   {.name = "b", .architecture = config::find_preset("micro").architecture}};
  const std::string html = report::to_html(bare);
  CHECK(first_misnested(html) == "");
  for (const char* part :
       {"<svg", "id=\"pictures\"", "id=\"quality\"", "id=\"training\"", "id=\"cost\"", "<img src", "nan", "inf<"})
    CHECK_FALSE(contains(html, part));
  CHECK(contains(html, "15.14\u00d7"));
  CHECK(contains(report::to_text(bare), "b has 15.1 times fewer parameters than a."));
  const auto json = nlohmann::json::parse(report::to_json(bare));
  CHECK_FALSE(json["networks"][1].contains("latency_ms"));
  CHECK(json["metrics"].empty());
}

TEST_CASE("JSON has every figure") {
  const auto json = nlohmann::json::parse(report::to_json(comparison()));
  CHECK(json["format"] == "comparison 1");
  const auto& small = json["networks"][1];
  CHECK(small["compression"]["files"] == 8.0);
  CHECK(small["compression"]["speed_up"] == Approx(4.8));
  CHECK(small["scores"]["total"]["difference"]["high"] == 3.1);
  CHECK(small["process"]["peak_bytes"] == 210'000'000);
  CHECK(small["curves"][0]["held_out"].size() == 2);
  CHECK(json["metrics"][1]["better"] == "higher");
  CHECK(json["paper"]["printed_phones"].size() == 6);
}

TEST_CASE("words say what an interval lets them say") {
  report::Comparison all = comparison();
  auto& difference = *all.networks[1].scores["total"].difference;
  CHECK(contains(report::to_text(all), "1.5% higher (95% interval -0.4 to +3.1): 12 photos are too few"));
  difference = {7.5, 3.0, 12.1};
  CHECK(contains(report::to_text(all), "7.5% higher (95% interval +3.0 to +12.1): worse"));
  difference = {0.02, 0.01, 0.03};
  CHECK(contains(report::to_text(all), "Its validation loss is the same (95% interval +0.0 to +0.0)."));
  CHECK_FALSE(contains(report::to_text(all), "+0.0% (+0.0 to +0.0), worse"));
  difference = {-7.5, -12.1, -3.0};
  CHECK(contains(report::to_text(all), "7.5% lower (95% interval -12.1 to -3.0): better"));
  CHECK(contains(report::to_text(all), "-9.0% (-12.0 to -6.0), worse"));         // SSIM: higher is better
  CHECK(contains(report::to_text(all), "+0.0050 (+0.0010 to +0.0090), worse"));  // not relative: in its unit
  CHECK_FALSE(contains(report::to_text(all), "NIMA, higher"));                   // no network was given
  CHECK(contains(report::to_text(all), "not the random seed"));
  all.networks[1].style = "mosaic";
  CHECK(contains(report::to_text(all), "small was trained for the style mosaic, not for starry_night"));
  CHECK(contains(report::to_text(all), "a tenth of small's times were at least 5.2 times its median"));
  CHECK_FALSE(contains(report::to_text(all), "a tenth of original's times"));
  all.networks[1].latency->median_ms = 240;
  CHECK(contains(report::to_text(all), "takes 2.0 times as long here"));
}

TEST_CASE("networks with other numbers of blocks share one table") {
  report::Comparison all = comparison();
  all.networks[0].architecture.blocks = 2;
  const std::string text = report::to_text(all);
  const auto table = text.substr(text.find("Parameters of the convolution kernels"));
  CHECK(table.find("Res2") < table.find("Res5"));
  CHECK(table.find("Res5") < table.find("Deconv1"));
}

TEST_CASE("curves are read from a run's metrics, whatever else is there") {
  const testing::TempDir folder;
  CHECK(report::read_curve(folder.path()).training.empty());
  write_file_atomically(folder / "metrics.jsonl",
                        R"({"kind":"held_out","step":0,"loss":{"total":9.0}}
{"kind":"step","step":20,"loss":{"total":5.5},"gradient_norm":1}
{"kind":"rollback","step":0,"from_step":20,"why":"nan"}
{"kind":"step","step":"x","loss":{"total":1}}
{"kind":"step","step":30,"loss":{"total":null}}
[1, 2]
{"kind":"step","st)");
  const report::Curve curve = report::read_curve(folder.path());
  REQUIRE(curve.training.size() == 1);
  CHECK(curve.training[0].step == 20);
  CHECK(curve.training[0].loss == 5.5);
  REQUIRE(curve.validation.size() == 1);
  CHECK(curve.validation[0].loss == 9.0);
}

TEST_CASE("names of points do not lie over each other") {
  const std::vector<std::pair<double, double>> points = {{100, 100}, {104, 102}, {100, 106}, {300, 100}, {108, 98}};
  const std::vector<std::string> names = {"original", "bottleneck", "slim", "mini", "micro"};
  const auto labels = report::place_labels(points, names, {}, {50, 20, 420, 260});
  REQUIRE(labels.size() == names.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    CHECK(labels[i].box.left >= 50);
    CHECK(labels[i].box.right <= 420);
    for (std::size_t k = 0; k < i; ++k) CHECK(labels[i].box.overlap(labels[k].box) == 0);
  }
}

TEST_CASE("charts of one point, of equal points and of zeros are drawn or left out") {
  CHECK(report::to_svg(report::ScatterChart{}) == "");
  CHECK(report::to_svg(report::LineChart{"l", "x", "y", {{"none", 0, {}}, {"zero", 1, {{1, 0}}}}}) == "");
  const report::ScatterPoint point{"a", 0, 5, {7, 7, 7}};
  for (const std::string& svg : {report::to_svg(report::ScatterChart{"l", "x", "y", {point, point}}),
                                 report::to_svg(report::LineChart{"l", "x", "y", {{"one", 0, {{3, 5}}}}, true})}) {
    CHECK(contains(svg, "<circle"));
    CHECK_FALSE(contains(svg, "nan"));
    CHECK(first_misnested(svg) == "");
  }
}

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/report/comparison.h"

#include "report/comparison_charts.h"
#include "report/comparison_tables.h"
#include "report/comparison_words.h"
#include "report/document.h"
#include "report/html.h"
#include "report/paper_comparison.h"

#include "pocketstyle/core/base64.h"
#include "pocketstyle/core/error.h"

namespace pocketstyle::report {
namespace {

Section summary_section(const Comparison& comparison) {
  return {
      "summary",
      "In short",
      {Paragraph{"A style network repaints photos in the style of one picture. A smaller network makes the app smaller "
                 "and faster; this report shows by how much, and what it costs. Everything is compared with " +
                 comparison.networks.front().name + "."},
       summary_grid(comparison), Bullets{verdicts(comparison)},
       Paragraph{"C_r: the first network's parameters divided by this one's. S_r: the same for time. Validation loss: "
                 "the loss minimised in training, on photos not used for training; lower is better. If the "
                 "interval of a difference includes 0, these photos do not show a difference."}}};
}

std::vector<std::string> metric_help(const Comparison& comparison) {
  std::vector<std::string> items;
  for (const results::Metric& metric : comparison.metrics)
    for (const Network& network : comparison.networks)
      if (score_of(network, metric.key) != nullptr) {
        items.push_back(fmt::format("{}: {}", metric.heading, metric.help));
        break;
      }
  return items;
}

Section quality_section(const Comparison& comparison) {
  Section section{
      "quality",
      "Quality",
      {Paragraph{"The paper compares its networks' results for 45 photos before and after compression using "
                 "a single metric, NIMA, in its Figures 4 and 5; its text summarises them as scores of 4.0 to 5.0. "
                 "Here is the same comparison, photo by photo, with several metrics."},
       score_grid(comparison), difference_grid(comparison)}};
  section.blocks.emplace_back(Bullets{metric_help(comparison)});
  return section;
}

Document document_of(const Comparison& comparison) {
  const PaperComparison paper = compare_with_paper();
  Document document{"What compression costs", who_against_whom(comparison), {}};
  auto& sections = document.sections;
  const auto captioned = [](Grid grid, const std::string& caption) {
    grid.caption = caption;
    return grid;
  };
  sections.push_back(summary_section(comparison));
  if (!comparison.photos.empty()) sections.push_back({"pictures", "Pictures", {Gallery{}}});
  if (!comparison.networks.front().scores.empty()) sections.push_back(quality_section(comparison));
  if (const Figures costs = cost_figures(comparison); !costs.figures.empty())
    sections.push_back(
        {"cost",
         "Loss against size and speed",
         {Paragraph{"Each point is a network, with the 95% interval of its loss over the photos as a bar. Lower "
                    "left is better; the line joins the networks that no other beats in both (Pareto front)."},
          costs}});
  if (const Figures curves = curve_figures(comparison); !curves.figures.empty())
    sections.push_back({"training", "Training", {curves}});
  sections.push_back({"layers",
                      "Parameters, layer by layer",
                      {parameter_grid(comparison),
                       captioned(paper.shares, "The paper's Table 1: parameters of the original network, kernels only"),
                       captioned(paper.parameters,
                                 "The paper's Table 2: before and after compression, beside what is computed for the "
                                 "presets original and bottleneck")}});
  sections.push_back(
      {"size",
       "Size and speed",
       {size_grid(comparison), speed_grid(comparison),
        captioned(paper.timings, "The paper's Table 3, as printed, and its ratios recomputed"),
        Paragraph{
            "C_r is the size before divided by the size after, S_r the time before divided by the time after."}}});
  sections.push_back({"device",
                      "On a device",
                      {process_grid(comparison), captioned(paper.phones, "The paper's Table 4, as printed: phones"),
                       Paragraph{"The two tables have the same form but are not comparable: the paper does not say how "
                                 "it measured. Installation time follows the file's size, initialisation is loading "
                                 "the file."}}});
  sections.push_back({"findings", "Inconsistencies in the paper", {Bullets{paper.findings}}});
  sections.push_back({"method", "How it was measured", {Bullets{how_measured(comparison)}}});
  return document;
}

}  // namespace

std::string data_uri(const std::string& media_type, const std::string& bytes) {
  return fmt::format("data:{};base64,{}", media_type, base64(bytes));
}

std::string to_text(const Comparison& comparison) {
  return to_text(document_of(comparison));
}
std::string to_markdown(const Comparison& comparison) {
  return to_markdown(document_of(comparison));
}
std::string to_html(const Comparison& comparison) {
  return to_html(document_of(comparison), comparison);
}

}  // namespace pocketstyle::report

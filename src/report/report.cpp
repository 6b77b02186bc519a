// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/report/report.h"

#include "report/document.h"
#include "report/numbers.h"
#include "report/paper_comparison.h"
#include "report/paper_json.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"
#include "pocketstyle/network/layer_table.h"

#include <nlohmann/json.hpp>

namespace pocketstyle::report {
namespace {

Grid layer_grid(const std::vector<network::LayerRow>& rows) {
  const network::Totals sum = network::totals(rows);
  Grid grid{{"layer", "type", "kernel", "output (CxHxW)", "parameters", "share", "MMAC", "share"}, {0, 1, 2}, {}};
  for (const network::LayerRow& row : rows) {
    const std::string stride = row.stride > 1 ? fmt::format(" /{}", row.stride) : "";
    grid.rows.push_back({row.name, row.type, row.kernel == 0 ? "" : fmt::format("{0}x{0}{1}", row.kernel, stride),
                         fmt::format("{}x{}x{}", row.out_channels, row.out_height, row.out_width),
                         count(row.parameters), share(row.parameters, sum.parameters),
                         row.macs == 0 ? Cell("") : Cell(mega(row.macs)),
                         row.macs == 0 ? Cell("") : Cell(share(row.macs, sum.macs))});
  }
  grid.rows.push_back({"total", "", "", "", count(sum.parameters), share(sum.parameters, sum.parameters),
                       mega(sum.macs), share(sum.macs, sum.macs)});
  return grid;
}

Grid compression_grid(const Report& report, const network::Totals& net, const network::Totals& base) {
  Grid grid{{"", report.baseline.name, report.net.name, "ratio"}, {0}, {}};
  const auto row = [&](const char* what, const Number& a, const Number& b, double r) {
    grid.rows.push_back({what, a, b, Ratio{r}});
  };
  const double parameters = ratio(base.parameters, net.parameters);
  row("parameters", count(base.parameters), count(net.parameters), parameters);
  row("of which convolution kernels", count(base.kernel_parameters), count(net.kernel_parameters),
      ratio(base.kernel_parameters, net.kernel_parameters));
  row("multiply-accumulates", macs(base.macs), macs(net.macs), ratio(base.macs, net.macs));
  row("weights for inference, float32 (C_r)", megabytes(inference_bytes(base.parameters)),
      megabytes(inference_bytes(net.parameters)), parameters);
  row("weights with Adam's two moments, float32", megabytes(checkpoint_bytes(base.parameters)),
      megabytes(checkpoint_bytes(net.parameters)), parameters);
  if (report.net.latency && report.baseline.latency) {
    const results::Latency &b = *report.baseline.latency, &n = *report.net.latency;
    const auto times = [&](const char* what, double base_ms, double net_ms) {
      row(what, milliseconds(base_ms), milliseconds(net_ms), base_ms / net_ms);
    };
    times("time, median, measured (S_r)", b.median_ms, n.median_ms);
    times("time, 90th percentile, measured", b.p90_ms, n.p90_ms);
  }
  return grid;
}

/// The measurements, in words.
std::string measured_text(const Report& report) {
  std::string out;
  for (const Subject* subject : {&report.baseline, &report.net})
    if (subject->file)
      out += fmt::format("Measured: {} ({}) has {} bytes.\n", subject->name, subject->file->kind,
                         with_commas(subject->file->bytes));
  if (report.threads > 0)
    out += fmt::format("Times: forward pass at {}x{} on this machine, threads: {}, both networks taking turns.\n",
                       report.height, report.width, report.threads);
  return out;
}

struct ReportParts {
  std::vector<network::LayerRow> net, baseline;
  network::Totals net_sum, baseline_sum;
  PaperComparison paper;
};

ReportParts parts_of(const Report& report) {
  ReportParts parts;
  parts.net = network::layer_table(report.net.architecture, report.height, report.width);
  parts.baseline = network::layer_table(report.baseline.architecture, report.height, report.width);
  parts.net_sum = network::totals(parts.net);
  parts.baseline_sum = network::totals(parts.baseline);
  parts.paper = compare_with_paper();
  return parts;
}

Document document_of(const Report& report, const std::string& title) {
  const ReportParts parts = parts_of(report);
  std::string measured = measured_text(report);
  if (measured.ends_with("\n")) measured.pop_back();
  Document document{title, "", {}};
  document.sections.push_back(
      {"layers",
       fmt::format("Layers of {} at {}x{}", config::describe(report.net.architecture), report.height, report.width),
       {layer_grid(parts.net),
        Paragraph{"MMAC: millions of multiply-accumulates of the convolutions; instance norms are not counted."}}});
  Section against{
      "against",
      "Against " + report.baseline.name,
      {compression_grid(report, parts.net_sum, parts.baseline_sum),
       Paragraph{"Sizes are computed from the parameters: 4 bytes each for inference, 12 in a checkpoint."}}};
  if (!measured.empty()) against.blocks.emplace_back(Paragraph{measured});
  document.sections.push_back(std::move(against));
  document.sections.push_back({"table-2",
                               "The paper's Table 2 (Pei et al. 2020), kernels only, beside original and bottleneck",
                               {parts.paper.parameters}});
  document.sections.push_back({"table-3", "The paper's Table 3, sizes and times", {parts.paper.timings}});
  document.sections.push_back({"findings", "Inconsistencies in the paper", {Bullets{parts.paper.findings}}});
  return document;
}

nlohmann::ordered_json subject_json(const Subject& subject, const std::vector<network::LayerRow>& rows) {
  const network::Totals sum = network::totals(rows);
  nlohmann::ordered_json json{{"name", subject.name},
                              {"net", config::describe(subject.architecture)},
                              {"parameters", sum.parameters},
                              {"kernel_parameters", sum.kernel_parameters},
                              {"macs", sum.macs},
                              {"inference_bytes", inference_bytes(sum.parameters)},
                              {"checkpoint_bytes", checkpoint_bytes(sum.parameters)}};
  if (subject.file) json["file"] = {{"kind", subject.file->kind}, {"bytes", subject.file->bytes}};
  if (subject.latency) json["latency_ms"] = {{"median", subject.latency->median_ms}, {"p90", subject.latency->p90_ms}};
  for (const network::LayerRow& row : rows)
    json["layers"].push_back({{"name", row.name},
                              {"type", row.type},
                              {"kernel", row.kernel},
                              {"stride", row.stride},
                              {"input_channels", row.in_channels},
                              {"output_chw", {row.out_channels, row.out_height, row.out_width}},
                              {"parameters", row.parameters},
                              {"macs", row.macs}});
  return json;
}

}  // namespace

std::int64_t inference_bytes(std::int64_t parameters) {
  return 4 * parameters;
}
std::int64_t checkpoint_bytes(std::int64_t parameters) {
  return 12 * parameters;
}

std::string to_text(const Report& report) {
  return to_text(document_of(report, ""));
}
std::string to_markdown(const Report& report) {
  return to_markdown(document_of(report, report.net.name));
}

std::string to_json(const Report& report) {
  const ReportParts parts = parts_of(report);
  const double parameters = ratio(parts.baseline_sum.parameters, parts.net_sum.parameters);
  nlohmann::ordered_json json{{"format", "report 1"}, {"height", report.height}, {"width", report.width}};
  json["net"] = subject_json(report.net, parts.net);
  json["baseline"] = subject_json(report.baseline, parts.baseline);
  json["compression"] = {
      {"parameters", parameters}, {"bytes", parameters}, {"macs", ratio(parts.baseline_sum.macs, parts.net_sum.macs)}};
  if (report.net.latency && report.baseline.latency) {
    json["compression"]["speed_up"] = report.baseline.latency->median_ms / report.net.latency->median_ms;
    json["threads"] = report.threads;
  }
  json["paper"] = paper_json();
  return json_text(json, 2) + "\n";
}

}  // namespace pocketstyle::report

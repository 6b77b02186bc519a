// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/report/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "report/paper.h"
#include "report/grid.h"

namespace pocketstyle::report {
namespace {

constexpr double kMega = 1e6, kGiga = 1e9;

std::string percent(double part, double whole) { return fmt::format("{:.1f}%", 100.0 * part / whole); }
double ratio(std::int64_t baseline, std::int64_t net) { return static_cast<double>(baseline) / static_cast<double>(net); }
std::string times(double value) { return fmt::format("{:.2f}x", value); }
std::string megabytes(std::int64_t bytes) { return fmt::format("{:.2f} MB", static_cast<double>(bytes) / kMega); }
std::string gmac(std::int64_t macs) { return fmt::format("{:.2f} GMAC", static_cast<double>(macs) / kGiga); }

Grid layer_grid(const std::vector<LayerRow>& rows) {
  const Totals sum = totals(rows);
  Grid grid{{"layer", "type", "kernel", "output (CxHxW)", "parameters", "share", "MMAC", "share"}, {0, 1, 2}, {}};
  for (const LayerRow& row : rows) {
    const std::string kernel =
        row.kernel == 0 ? "" : fmt::format("{0}x{0}{1}", row.kernel, row.stride > 1 ? fmt::format(" /{}", row.stride) : "");
    grid.rows.push_back({row.name, row.type, kernel,
                         fmt::format("{}x{}x{}", row.out_channels, row.out_height, row.out_width),
                         with_commas(row.parameters), percent(static_cast<double>(row.parameters), static_cast<double>(sum.parameters)),
                         row.macs == 0 ? "" : fmt::format("{:.1f}", static_cast<double>(row.macs) / kMega),
                         row.macs == 0 ? "" : percent(static_cast<double>(row.macs), static_cast<double>(sum.macs))});
  }
  grid.rows.push_back({"total", "", "", "", with_commas(sum.parameters), "100.0%",
                       fmt::format("{:.1f}", static_cast<double>(sum.macs) / kMega), "100.0%"});
  return grid;
}

Grid compression_grid(const Report& report, const Totals& net, const Totals& base) {
  Grid grid{{"", report.baseline.name, report.net.name, "ratio"}, {0}, {}};
  const auto row = [&](const char* what, const std::string& a, const std::string& b, double r) {
    grid.rows.push_back({what, a, b, times(r)});
  };
  row("parameters", with_commas(base.parameters), with_commas(net.parameters), ratio(base.parameters, net.parameters));
  row("of them convolution kernels", with_commas(base.kernel_parameters), with_commas(net.kernel_parameters),
      ratio(base.kernel_parameters, net.kernel_parameters));
  row("multiply-accumulates", gmac(base.macs), gmac(net.macs), ratio(base.macs, net.macs));
  row("weights to ship, float32 (C_r)", megabytes(inference_bytes(base.parameters)),
      megabytes(inference_bytes(net.parameters)), ratio(base.parameters, net.parameters));
  row("training checkpoint (with Adam's moments)", megabytes(checkpoint_bytes(base.parameters)),
      megabytes(checkpoint_bytes(net.parameters)), ratio(base.parameters, net.parameters));
  if (report.net.latency && report.baseline.latency) {
    const Latency &b = *report.baseline.latency, &n = *report.net.latency;
    row("time, median (S_r)", fmt::format("{:.1f} ms", b.ms_median), fmt::format("{:.1f} ms", n.ms_median),
        b.ms_median / n.ms_median);
    row("time, 90th percentile", fmt::format("{:.1f} ms", b.ms_p90), fmt::format("{:.1f} ms", n.ms_p90),
        b.ms_p90 / n.ms_p90);
  }
  return grid;
}

/// The paper's Table 2 with ours beside it: the rows of original and bottleneck as this program computes them.
struct PaperComparison {
  Grid grid{{"layer", "before, printed", "before, computed", "after, printed", "after, computed"}, {0}, {}};
  std::int64_t before_sum = 0, after_sum = 0, before_computed = 0, after_computed = 0;
  std::vector<std::string> findings;
};

PaperComparison compare_with_paper() {
  PaperComparison paper;
  const auto before = paper_rows(layer_table(config::find_preset("original").family, 256, 256));
  const auto after = paper_rows(layer_table(config::find_preset("bottleneck").family, 256, 256));
  for (std::size_t i = 0; i < kPaperRows.size(); ++i) {
    const PaperRow& row = kPaperRows[i];
    paper.grid.rows.push_back({std::string(row.layer), with_commas(row.before), with_commas(before[i].second),
                               with_commas(row.after), with_commas(after[i].second)});
    paper.before_sum += row.before;
    paper.after_sum += row.after;
    paper.before_computed += before[i].second;
    paper.after_computed += after[i].second;
  }
  paper.grid.rows.push_back({"total", with_commas(kPaperPrintedTotal.before), with_commas(paper.before_computed),
                             with_commas(kPaperPrintedTotal.after), with_commas(paper.after_computed)});
  const auto saved = [&](std::int64_t part, std::int64_t whole) {
    return 100.0 * (1.0 - static_cast<double>(part) / static_cast<double>(whole));
  };
  if (paper.after_sum != kPaperPrintedTotal.after)
    paper.findings.push_back(fmt::format(
        "The paper's printed total after compression, {} ({}% fewer), is not the sum of its own rows: they sum to {} "
        "({:.1f}% fewer, {:.2f}x).",
        with_commas(kPaperPrintedTotal.after), kPaperPrintedPercent, with_commas(paper.after_sum),
        saved(paper.after_sum, paper.before_sum), ratio(paper.before_sum, paper.after_sum)));
  paper.findings.push_back(fmt::format(
      "Its printed sizes, {} and {} MB (ratio {} as printed), are near 12 bytes a parameter, weights and Adam's two "
      "moments: computed {} and {} for its rows ({} for its printed total). They look like training checkpoints, not files to ship.",
      kPaperPrintedMbBefore, kPaperPrintedMbAfter, kPaperPrintedRatio, megabytes(checkpoint_bytes(paper.before_sum)),
      megabytes(checkpoint_bytes(paper.after_sum)), megabytes(checkpoint_bytes(kPaperPrintedTotal.after))));
  paper.findings.push_back(fmt::format("Its printed speed-up S_r is {} to {}, on phones that are not named for it.",
                                       kPaperSpeedUpLow, kPaperSpeedUpHigh));
  return paper;
}

struct Parts {
  std::vector<LayerRow> net, baseline;
  Totals net_sum, baseline_sum;
  PaperComparison paper;
};

Parts parts_of(const Report& report) {
  Parts parts{layer_table(report.net.family, report.height, report.width),
              layer_table(report.baseline.family, report.height, report.width),
              {},
              {},
              compare_with_paper()};
  parts.net_sum = totals(parts.net);
  parts.baseline_sum = totals(parts.baseline);
  return parts;
}

/// The same document in either form: headings, grids and paragraphs.
std::string render(const Report& report, bool markdown) {
  const Parts parts = parts_of(report);
  const auto heading = [&](const std::string& text) {
    return markdown ? "## " + text + "\n\n" : text + "\n" + std::string(text.size(), '-') + "\n";
  };
  const auto grid = [&](const Grid& g) { return (markdown ? g.to_markdown() : g.to_text()) + "\n"; };
  std::string out;
  if (markdown) out += fmt::format("# {}\n\n", report.net.name);
  out += heading(fmt::format("Layers of {} at {}x{}", config::describe(report.net.family), report.height, report.width));
  out += grid(layer_grid(parts.net));
  out += "MMAC: millions of multiply-accumulates of the convolutions; instance norms are not counted.\n\n";
  out += heading(fmt::format("Against {}", report.baseline.name));
  out += grid(compression_grid(report, parts.net_sum, parts.baseline_sum));
  out += "Sizes follow from the parameters: 4 bytes each to ship, 12 in a checkpoint.\n";
  if (report.net.file_bytes)
    out += fmt::format("The file itself has {} bytes.\n", with_commas(static_cast<long long>(*report.net.file_bytes)));
  if (report.threads > 0)
    out += fmt::format("Times: forward pass at {}x{} on this machine, {} threads, both measured in turn.\n", report.height,
                       report.width, report.threads);
  out += "\n" + heading("The paper's Table 2 (Fei et al. 2020), kernels only, printed and computed");
  out += grid(parts.paper.grid);
  for (const std::string& finding : parts.paper.findings) out += finding + "\n";
  return out;
}

nlohmann::ordered_json subject_json(const Subject& subject, const std::vector<LayerRow>& rows) {
  const Totals sum = totals(rows);
  nlohmann::ordered_json json{{"name", subject.name},
                              {"net", config::describe(subject.family)},
                              {"parameters", sum.parameters},
                              {"kernel_parameters", sum.kernel_parameters},
                              {"macs", sum.macs},
                              {"inference_bytes", inference_bytes(sum.parameters)},
                              {"checkpoint_bytes", checkpoint_bytes(sum.parameters)}};
  if (subject.file_bytes) json["file_bytes"] = *subject.file_bytes;
  if (subject.latency) json["latency_ms"] = {{"median", subject.latency->ms_median}, {"p90", subject.latency->ms_p90}};
  for (const LayerRow& row : rows)
    json["layers"].push_back({{"name", row.name},
                              {"type", row.type},
                              {"kernel", row.kernel},
                              {"stride", row.stride},
                              {"output_chw", {row.out_channels, row.out_height, row.out_width}},
                              {"parameters", row.parameters},
                              {"macs", row.macs}});
  return json;
}

}  // namespace

std::int64_t inference_bytes(std::int64_t parameters) { return 4 * parameters; }
std::int64_t checkpoint_bytes(std::int64_t parameters) { return 12 * parameters; }

std::string to_text(const Report& report) { return render(report, /*markdown=*/false); }
std::string to_markdown(const Report& report) { return render(report, /*markdown=*/true); }

std::string to_json(const Report& report) {
  const Parts parts = parts_of(report);
  nlohmann::ordered_json json{{"format", "report 1"}, {"height", report.height}, {"width", report.width}};
  json["net"] = subject_json(report.net, parts.net);
  json["baseline"] = subject_json(report.baseline, parts.baseline);
  json["compression"] = {{"parameters", ratio(parts.baseline_sum.parameters, parts.net_sum.parameters)},
                         {"macs", ratio(parts.baseline_sum.macs, parts.net_sum.macs)}};
  if (report.net.latency && report.baseline.latency) {
    json["compression"]["speed_up"] = report.baseline.latency->ms_median / report.net.latency->ms_median;
    json["threads"] = report.threads;
  }
  json["paper"] = {{"printed_total_before", kPaperPrintedTotal.before},
                   {"printed_total_after", kPaperPrintedTotal.after},
                   {"sum_of_printed_rows_before", parts.paper.before_sum},
                   {"sum_of_printed_rows_after", parts.paper.after_sum},
                   {"computed_before", parts.paper.before_computed},
                   {"computed_after", parts.paper.after_computed},
                   {"findings", parts.paper.findings}};
  return json.dump(2) + "\n";
}

}  // namespace pocketstyle::report

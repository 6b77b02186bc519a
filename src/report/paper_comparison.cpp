// SPDX-License-Identifier: Apache-2.0
#include "report/paper_comparison.h"

#include "report/numbers.h"
#include "report/paper.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/network/layer_table.h"
#include "pocketstyle/report/report.h"

namespace pocketstyle::report {
namespace {

std::string saved(std::int64_t before, std::int64_t after) {
  return fmt::format("{:.1f}%", 100.0 * (1.0 - static_cast<double>(after) / static_cast<double>(before)));
}
std::string printed(double percent) {
  return fmt::format("{}%", percent);
}

Grid parameter_grid(PaperComparison& sums) {
  Grid grid{{"layer", "before, printed", "before, computed", "after, printed", "after, computed", "saved, printed",
             "saved, computed"},
            {0},
            {}};
  const auto before = network::paper_rows(network::layer_table(config::find_preset("original").architecture, 256, 256));
  const auto after =
      network::paper_rows(network::layer_table(config::find_preset("bottleneck").architecture, 256, 256));
  const auto add = [&](const PaperRow& row, std::int64_t computed_before, std::int64_t computed_after) {
    grid.rows.push_back({std::string(row.layer), with_commas(row.before), with_commas(computed_before),
                         with_commas(row.after), with_commas(computed_after), printed(row.saved_percent),
                         saved(computed_before, computed_after)});
  };
  for (std::size_t i = 0; i < kPaperRows.size(); ++i) {
    add(kPaperRows[i], before[i].second, after[i].second);
    sums.rows_before += kPaperRows[i].before;
    sums.rows_after += kPaperRows[i].after;
    sums.computed_before += before[i].second;
    sums.computed_after += after[i].second;
  }
  add(kPaperTotal, sums.computed_before, sums.computed_after);
  return grid;
}

Grid share_grid() {
  Grid grid{{"layer", "parameters, printed", "parameters, computed", "share, printed", "share, computed"}, {0}, {}};
  const auto computed =
      network::paper_rows(network::layer_table(config::find_preset("original").architecture, 256, 256));
  std::int64_t sum = 0;
  for (const auto& row : computed) sum += row.second;
  for (std::size_t i = 0; i < kPaperShares.size(); ++i)
    grid.rows.push_back({std::string(kPaperShares[i].layer), with_commas(kPaperRows[i].before),
                         with_commas(computed[i].second), printed(kPaperShares[i].percent),
                         percent(computed[i].second, sum)});
  return grid;
}

Grid timing_grid() {
  Grid grid{{"model", "size before", "time before", "size after", "time after", "C_r", "C_r of the sizes", "S_r",
             "S_r of the times"},
            {0},
            {}};
  for (const PaperTiming& row : kPaperTimings)
    grid.rows.push_back({std::string(row.model), fmt::format("{} MB", kPaperMbBefore),
                         fmt::format("{} ms", row.ms_before), fmt::format("{} MB", kPaperMbAfter),
                         fmt::format("{} ms", row.ms_after), fmt::format("{:.2f}", kPaperSizeRatio),
                         fmt::format("{:.2f}", kPaperMbBefore / kPaperMbAfter), fmt::format("{:.2f}", row.speed_up),
                         fmt::format("{:.2f}", ratio(row.ms_before, row.ms_after))});
  return grid;
}

Grid phone_grid() {
  Grid grid{{"phone", "installation", "initialisation", "CPU usage"}, {0}, {}};
  for (const PaperPhone& row : kPaperPhones)
    grid.rows.push_back({fmt::format("{} {}", row.brand, row.model), fmt::format("{:.2f} s", row.install_s),
                         fmt::format("{:.2f} s", row.initialise_s), fmt::format("{:.2f}%", row.cpu_percent)});
  return grid;
}

}  // namespace

PaperComparison compare_with_paper() {
  PaperComparison paper;
  paper.shares = share_grid();
  paper.parameters = parameter_grid(paper);
  paper.timings = timing_grid();
  paper.phones = phone_grid();
  paper.findings = {
      fmt::format("The paper's printed total after compression, {} ({} fewer), is not the sum of its own printed rows: "
                  "they sum to {} ({} fewer, {}), which is also what is computed here.",
                  with_commas(kPaperTotal.after), printed(kPaperTotal.saved_percent), with_commas(paper.rows_after),
                  saved(paper.rows_before, paper.rows_after), times(ratio(paper.rows_before, paper.rows_after))),
      fmt::format("Its printed sizes, {} and {} MB, are near 12 bytes a parameter, weights and Adam's two moments: "
                  "computed, {} "
                  "for its printed total before and {} for the one after ({} for the sum of its rows). They look like "
                  "training checkpoints, not files to ship.",
                  kPaperMbBefore, kPaperMbAfter, megabytes(checkpoint_bytes(kPaperTotal.before)),
                  megabytes(checkpoint_bytes(kPaperTotal.after)), megabytes(checkpoint_bytes(paper.rows_after))),
      fmt::format("Its printed compression ratio C_r, {}, is not that of its printed sizes, {:.2f}, nor that of its "
                  "printed totals, {:.2f}, nor that of its rows, {:.2f}.",
                  kPaperSizeRatio, kPaperMbBefore / kPaperMbAfter, ratio(kPaperTotal.before, kPaperTotal.after),
                  ratio(paper.rows_before, paper.rows_after))};
  return paper;
}

}  // namespace pocketstyle::report

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

Number printed(double percent) {
  return {percent, kShortest, "%"};
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
    grid.rows.push_back({std::string(row.layer), count(row.before), count(computed_before), count(row.after),
                         count(computed_after), printed(row.saved_percent), saved(computed_before, computed_after)});
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
    grid.rows.push_back({std::string(kPaperShares[i].layer), count(kPaperRows[i].before), count(computed[i].second),
                         printed(kPaperShares[i].percent), share(computed[i].second, sum)});
  return grid;
}

Grid timing_grid() {
  Grid grid{{"model", "size before", "time before", "size after", "time after", "C_r", "C_r of the sizes", "S_r",
             "S_r of the times"},
            {0},
            {}};
  for (const PaperTiming& row : kPaperTimings)
    grid.rows.push_back({std::string(row.model), Number{kPaperMbBefore, kShortest, " MB"},
                         Number{static_cast<double>(row.ms_before), 0, " ms"}, Number{kPaperMbAfter, kShortest, " MB"},
                         Number{static_cast<double>(row.ms_after), 0, " ms"}, Number{kPaperSizeRatio, 2},
                         Number{kPaperMbBefore / kPaperMbAfter, 2}, Number{row.speed_up, 2},
                         Number{ratio(row.ms_before, row.ms_after), 2}});
  return grid;
}

Grid phone_grid() {
  Grid grid{{"phone", "installation", "initialisation", "CPU usage"}, {0}, {}};
  for (const PaperPhone& row : kPaperPhones)
    grid.rows.push_back({fmt::format("{} {}", row.brand, row.model), Number{row.install_s, 2, " s"},
                         Number{row.initialise_s, 2, " s"}, Number{row.cpu_percent, 2, "%"}});
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
                  with_commas(kPaperTotal.after), to_text(printed(kPaperTotal.saved_percent)),
                  with_commas(paper.rows_after), to_text(saved(paper.rows_before, paper.rows_after)),
                  to_text(Ratio{ratio(paper.rows_before, paper.rows_after)})),
      fmt::format("Its printed sizes, {} and {} MB, are close to 12 bytes per parameter, as for weights and Adam's two "
                  "moments: "
                  "computed, {} "
                  "for its printed total before and {} for the one after ({} for the sum of its rows). They seem to be "
                  "training checkpoints, not files to ship.",
                  kPaperMbBefore, kPaperMbAfter, to_text(megabytes(checkpoint_bytes(kPaperTotal.before))),
                  to_text(megabytes(checkpoint_bytes(kPaperTotal.after))),
                  to_text(megabytes(checkpoint_bytes(paper.rows_after)))),
      fmt::format(
          "Its printed compression ratio C_r, {}, is neither that of its printed sizes, {:.2f}, nor that of its "
          "printed totals, {:.2f}, nor that of its rows, {:.2f}.",
          kPaperSizeRatio, kPaperMbBefore / kPaperMbAfter, ratio(kPaperTotal.before, kPaperTotal.after),
          ratio(paper.rows_before, paper.rows_after))};
  return paper;
}

}  // namespace pocketstyle::report

// SPDX-License-Identifier: Apache-2.0
#include "report/paper_json.h"

#include "report/paper.h"
#include "report/paper_comparison.h"

#include <nlohmann/json.hpp>

namespace pocketstyle::report {

nlohmann::ordered_json paper_json() {
  const PaperComparison paper = compare_with_paper();
  nlohmann::ordered_json json{{"printed_total_before", kPaperTotal.before},
                              {"printed_total_after", kPaperTotal.after},
                              {"sum_of_printed_rows_before", paper.rows_before},
                              {"sum_of_printed_rows_after", paper.rows_after},
                              {"computed_before", paper.computed_before},
                              {"computed_after", paper.computed_after},
                              {"printed_mb_before", kPaperMbBefore},
                              {"printed_mb_after", kPaperMbAfter},
                              {"printed_compression_ratio", kPaperSizeRatio},
                              {"findings", paper.findings}};
  for (const PaperRow& row : kPaperRows)
    json["printed_rows"].push_back({{"layer", row.layer}, {"before", row.before}, {"after", row.after}});
  for (const PaperTiming& row : kPaperTimings)
    json["printed_times"].push_back(
        {{"model", row.model}, {"ms_before", row.ms_before}, {"ms_after", row.ms_after}, {"speed_up", row.speed_up}});
  for (const PaperPhone& row : kPaperPhones)
    json["printed_phones"].push_back({{"brand", row.brand},
                                      {"model", row.model},
                                      {"install_s", row.install_s},
                                      {"initialise_s", row.initialise_s},
                                      {"cpu_percent", row.cpu_percent}});
  return json;
}

}  // namespace pocketstyle::report

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/report/comparison.h"

#include <string>
#include <utility>
#include <vector>

namespace pocketstyle::report {

// Charts as inline SVG, 440 wide, so that the text is legible on a phone. Colour n of the style sheet is class "sN".

struct Series {
  std::string name;
  std::size_t color = 0;
  std::vector<std::pair<double, double>> points;  ///< x ascending
};
/// Lines over a linear x and a logarithmic y, each named at its end. Points with y <= 0 are omitted.
struct LineChart {
  std::string label, x_title, y_title;
  std::vector<Series> series;
  bool markers = false;
};
std::string to_svg(const LineChart& chart);

struct ScatterPoint {
  std::string name;
  std::size_t color = 0;
  double x = 0;
  results::Interval y;
};
/// Named points with their intervals over a logarithmic x. Lower is better on both axes; a line joins the Pareto front.
struct ScatterChart {
  std::string label, x_title, y_title;
  std::vector<ScatterPoint> points;
};
std::string to_svg(const ScatterChart& chart);

/// Positions for the names of points: without overlapping each other or a point, if there is room.
struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
  [[nodiscard]] double overlap(const Box& other) const;
};
struct PlacedLabel {
  Box box;
  double x = 0, y = 0;  ///< position of the text's baseline
  const char* anchor = "start";
};
std::vector<PlacedLabel> place_labels(const std::vector<std::pair<double, double>>& points,
                                      const std::vector<std::string>& names, const std::vector<Box>& taken,
                                      const Box& inside);

}  // namespace pocketstyle::report

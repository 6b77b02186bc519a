// SPDX-License-Identifier: Apache-2.0
#include "report/chart.h"

#include "report/axis.h"
#include "report/svg.h"

#include "pocketstyle/report/pareto_front.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace pocketstyle::report {
namespace {

constexpr double kWidth = 440, kHeight = 300, kLeft = 54, kRight = 12, kTop = 30, kBottom = 46;
constexpr double kLabelRoom = 112, kLabelHeight = 16;
constexpr std::size_t kLongestName = 14;
constexpr std::size_t kColors = 8;
constexpr int kFrontBoxes = 40;  // per segment of the Pareto front, to keep names off it

std::string color_class(std::size_t color) {
  return fmt::format("s{}", color % kColors);
}

/// As much of a name as fits, cut between characters.
std::string shortened(const std::string& name) {
  if (name.size() <= kLongestName) return name;
  std::size_t end = kLongestName - 2;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return name.substr(0, end) + "..";
}

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

void draw_frame(Svg& svg, const Axis& x, const Axis& y, double right, const std::string& x_title,
                const std::string& y_title) {
  const double bottom = kHeight - kBottom;
  for (const double tick : y.ticks(6)) {
    svg.line("grid", kLeft, y.pixel(tick), right, y.pixel(tick));
    svg.text("tick", kLeft - 7, y.pixel(tick) + 4.5, "end", short_number(tick));
  }
  for (const double tick : x.ticks(5)) {
    svg.line("axis", x.pixel(tick), bottom, x.pixel(tick), bottom + 4);
    svg.text("tick", x.pixel(tick), bottom + 18, "middle", short_number(tick));
  }
  svg.line("axis", kLeft, bottom, right, bottom);
  svg.text("axis-title", (kLeft + right) / 2, kHeight - 6, "middle", x_title);
  svg.text("axis-title", 4, 13, "start", y_title);
}

std::string polyline(const std::vector<std::pair<double, double>>& points, const Axis& x, const Axis& y) {
  std::string path;
  for (const auto& [a, b] : points) path += fmt::format("{:.1f},{:.1f} ", x.pixel(a), y.pixel(b));
  return path;
}

/// Vertical positions of the names at the ends of lines, apart from each other and inside the chart.
std::vector<double> spread(std::vector<double> wanted) {
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
  for (std::size_t i = 1; i < order.size(); ++i)
    wanted[order[i]] = std::max(wanted[order[i]], wanted[order[i - 1]] + kLabelHeight);
  double lowest = kHeight - kBottom;
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    wanted[*i] = std::min(wanted[*i], lowest);
    lowest = wanted[*i] - kLabelHeight;
  }
  return wanted;
}

std::vector<std::pair<double, double>> front_of(const std::vector<ScatterPoint>& points) {
  std::vector<std::pair<double, double>> all, front;
  for (const ScatterPoint& point : points) all.emplace_back(point.x, point.y.value);
  const std::vector<bool> is_on = on_pareto_front(all);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (is_on[i]) front.push_back(all[i]);
  std::sort(front.begin(), front.end());
  return front;
}

}  // namespace

std::string to_svg(const LineChart& chart) {
  LineChart shown = chart;
  Range xs, ys;
  for (Series& series : shown.series) {
    std::erase_if(series.points, [](const auto& point) { return !(point.second > 0); });
    for (const auto& [a, b] : series.points) {
      xs.add(a);
      ys.add(b);
    }
  }
  std::erase_if(shown.series, [](const Series& series) { return series.points.empty(); });
  if (shown.series.empty()) return "";
  const double right = kWidth - kLabelRoom;
  const Axis x(xs.low, xs.high, false, kLeft, right), y(ys.low, ys.high, true, kHeight - kBottom, kTop);
  Svg svg(kWidth, kHeight, chart.label);
  draw_frame(svg, x, y, right, chart.x_title, chart.y_title);
  std::vector<double> ends;
  for (const Series& series : shown.series) ends.push_back(y.pixel(series.points.back().second) + 4);
  ends = spread(ends);
  for (std::size_t i = 0; i < shown.series.size(); ++i) {
    const Series& series = shown.series[i];
    svg.begin(color_class(series.color), series.name);
    svg.element("polyline", "line", R"(points="{}")", polyline(series.points, x, y));
    if (chart.markers)
      for (const auto& [a, b] : series.points)
        svg.element("circle", "dot", R"(cx="{:.1f}" cy="{:.1f}" r="2.6")", x.pixel(a), y.pixel(b));
    const double from = x.pixel(series.points.back().first) + 3;
    svg.line("leader", from, y.pixel(series.points.back().second), right + 8, ends[i] - 4);
    svg.text("name", right + 11, ends[i], "start", shortened(series.name));
    svg.end();
  }
  return std::move(svg).finish();
}

std::string to_svg(const ScatterChart& chart) {
  if (chart.points.empty()) return "";
  Range xs, ys;
  for (const ScatterPoint& point : chart.points) {
    xs.add(point.x);
    for (const double value : {point.y.value, point.y.low, point.y.high}) ys.add(value);
  }
  const double right = kWidth - kRight;
  const Axis x(xs.low, xs.high, true, kLeft + 14, right - 14), y(ys.low, ys.high, false, kHeight - kBottom, kTop);
  Svg svg(kWidth, kHeight, chart.label);
  draw_frame(svg, x, y, right, chart.x_title, chart.y_title);
  const auto path = front_of(chart.points);
  svg.element("polyline", "front", R"(points="{}")", polyline(path, x, y));
  std::vector<std::pair<double, double>> places;
  std::vector<std::string> names;
  std::vector<Box> bars;
  for (const ScatterPoint& point : chart.points) {
    places.emplace_back(x.pixel(point.x), y.pixel(point.y.value));
    names.push_back(shortened(point.name));
    bars.push_back({places.back().first - 2, y.pixel(point.y.high), places.back().first + 2, y.pixel(point.y.low)});
  }
  std::vector<Box> taken = bars;
  for (std::size_t i = 1; i < path.size(); ++i)
    for (int n = 1; n < kFrontBoxes; ++n) {
      const double share = static_cast<double>(n) / kFrontBoxes;
      const double px = std::lerp(x.pixel(path[i - 1].first), x.pixel(path[i].first), share);
      const double py = std::lerp(y.pixel(path[i - 1].second), y.pixel(path[i].second), share);
      taken.push_back({px - 1, py - 1, px + 1, py + 1});
    }
  const auto labels = place_labels(places, names, taken, {kLeft + 2, kTop, right, kHeight - kBottom - 2});
  for (std::size_t i = 0; i < chart.points.size(); ++i) {
    const auto& [px, py] = places[i];
    svg.begin(color_class(chart.points[i].color), chart.points[i].name);
    svg.line("bar", px, bars[i].top, px, bars[i].bottom);
    svg.element("circle", "dot", R"(cx="{:.1f}" cy="{:.1f}" r="4.5")", px, py);
    svg.text("name", labels[i].x, labels[i].y, labels[i].anchor, names[i]);
    svg.end();
  }
  return std::move(svg).finish();
}

}  // namespace pocketstyle::report

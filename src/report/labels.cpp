// SPDX-License-Identifier: Apache-2.0
#include "report/chart.h"

#include <algorithm>
#include <array>
#include <limits>

namespace pocketstyle::report {
namespace {

constexpr double kCharacter = 8, kAscent = 11, kDescent = 4, kGap = 9;

struct Offset {
  double x, y;
  const char* anchor;
};
constexpr std::array kOffsets = {
    Offset{kGap, 4, "start"},   Offset{-kGap, 4, "end"},   Offset{0, -kGap, "middle"},   Offset{0, 17, "middle"},
    Offset{kGap, -7, "start"},  Offset{kGap, 15, "start"}, Offset{-kGap, -7, "end"},     Offset{-kGap, 15, "end"},
    Offset{0, -24, "middle"},   Offset{0, 32, "middle"},   Offset{3 * kGap, 4, "start"}, Offset{-3 * kGap, 4, "end"},
    Offset{kGap, -21, "start"}, Offset{kGap, 29, "start"}, Offset{-kGap, -21, "end"},    Offset{-kGap, 29, "end"}};

PlacedLabel at(double x, double y, const Offset& offset, double width) {
  PlacedLabel label{{}, x + offset.x, y + offset.y, offset.anchor};
  const double left = offset.anchor == std::string_view("start") ? label.x
                      : offset.anchor == std::string_view("end") ? label.x - width
                                                                 : label.x - width / 2;
  label.box = {left, label.y - kAscent, left + width, label.y + kDescent};
  return label;
}

double outside(const Box& box, const Box& inside) {
  const double x = std::max(0.0, inside.left - box.left) + std::max(0.0, box.right - inside.right);
  const double y = std::max(0.0, inside.top - box.top) + std::max(0.0, box.bottom - inside.bottom);
  return 20 * (x + y);
}

}  // namespace

double Box::overlap(const Box& other) const {
  const double x = std::min(right, other.right) - std::max(left, other.left);
  const double y = std::min(bottom, other.bottom) - std::max(top, other.top);
  return x > 0 && y > 0 ? x * y : 0;
}

std::vector<PlacedLabel> place_labels(const std::vector<std::pair<double, double>>& points,
                                      const std::vector<std::string>& names, const std::vector<Box>& taken,
                                      const Box& inside) {
  std::vector<Box> boxes = taken;
  for (const auto& [x, y] : points) boxes.push_back({x - 5, y - 5, x + 5, y + 5});
  std::vector<PlacedLabel> labels;
  for (std::size_t i = 0; i < points.size(); ++i) {
    PlacedLabel best;
    double least = std::numeric_limits<double>::infinity();
    for (const Offset& offset : kOffsets) {
      const PlacedLabel label =
          at(points[i].first, points[i].second, offset, kCharacter * static_cast<double>(names[i].size()));
      double cost = outside(label.box, inside);
      for (const Box& box : boxes) cost += label.box.overlap(box);
      if (cost < least) {
        least = cost;
        best = label;
      }
    }
    boxes.push_back(best.box);
    labels.push_back(best);
  }
  return labels;
}

}  // namespace pocketstyle::report

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/results/metric.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace pocketstyle::report {

// The kinds of table cells. Text, Markdown and HTML show the same cells.

struct Text {
  std::string text;
  Text(std::string shown) : text(std::move(shown)) {}  // NOLINT(google-explicit-constructor): a cell of a row
  Text(const char* shown) : text(shown) {}             // NOLINT(google-explicit-constructor)
};
/// Not measured: "-".
struct Missing {};

/// How a number is written: with this many decimals, or in one of these formats.
enum Digits : int {
  kGrouped = -1,   ///< "1,674,432"
  kFour = -2,      ///< four significant digits: "257,299", "28.41", "0.8127"
  kShortest = -3,  ///< as printed in the paper: "21.1"
};
struct Number {
  double value = 0;
  int digits = 0;
  std::string_view unit = {};  ///< including a leading space: " MB", "%"
};
/// "8.37x"
struct Ratio {
  double value = 0;
};
/// A mean with its interval: "0.5 (0.4 to 0.6)".
struct Mean {
  results::Interval interval;
};
/// "+1.5% (-0.4 to +3.1), worse"; in percent or, if not relative, in the metric's unit.
struct Difference {
  results::Interval interval;
  bool relative = true;
  results::Verdict verdict = results::Verdict::none;  ///< none: not shown
};
using Cell = std::variant<Text, Missing, Number, Ratio, Mean, Difference>;

/// A cell in two parts: "+1.5%", and, in a few cells, its interval with the verdict, "(-0.4 to +3.1), worse".
struct CellText {
  std::string value, interval;
};
CellText parts_of(const Cell& cell);
/// Both parts on one line.
std::string to_text(const Cell& cell);

}  // namespace pocketstyle::report

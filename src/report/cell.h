// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/results/metric.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace pocketstyle::report {

// What a cell of a table can be. Text, Markdown and HTML show the same cells.

struct Text {
  std::string text;
  Text(std::string shown) : text(std::move(shown)) {}  // NOLINT(google-explicit-constructor): a cell of a row
  Text(const char* shown) : text(shown) {}             // NOLINT(google-explicit-constructor)
};
/// What was not measured: "-".
struct Missing {};

/// How a number is written: with so many decimals, or in one of these ways.
enum Digits : int {
  kGrouped = -1,   ///< "1,674,432"
  kFour = -2,      ///< four digits that count: "257,299", "28.41", "0.8127"
  kShortest = -3,  ///< as the paper prints it: "21.1"
};
struct Number {
  double value = 0;
  int digits = 0;
  std::string_view unit = {};  ///< with the space before it: " MB", "%"
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
  results::Verdict verdict = results::Verdict::none;  ///< none: it is not said
};
using Cell = std::variant<Text, Missing, Number, Ratio, Mean, Difference>;

/// A cell in two parts: "+1.5%", and its interval with the verdict, "(-0.4 to +3.1), worse", which few cells have.
struct CellText {
  std::string value, interval;
};
CellText parts_of(const Cell& cell);
/// Both parts in one line.
std::string to_text(const Cell& cell);

}  // namespace pocketstyle::report

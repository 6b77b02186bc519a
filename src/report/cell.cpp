// SPDX-License-Identifier: Apache-2.0
#include "report/cell.h"

#include "pocketstyle/core/files.h"

#include <spdlog/fmt/fmt.h>

#include <cmath>

namespace pocketstyle::report {
namespace {

using results::Verdict;

std::string four_digits(double value) {
  const double size = std::abs(value);
  if (size >= 999.95) return with_commas(std::llround(value));
  return fmt::format("{:.{}f}", value, size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4);
}

std::string digits_of(double value, int digits) {
  if (digits == kGrouped) return with_commas(std::llround(value));
  if (digits == kFour) return four_digits(value);
  return digits == kShortest ? fmt::format("{}", value) : fmt::format("{:.{}f}", value, digits);
}

struct Parts {
  CellText operator()(const Text& cell) const { return {cell.text, ""}; }
  CellText operator()(const Missing&) const { return {"-", ""}; }
  CellText operator()(const Number& cell) const {
    return {digits_of(cell.value, cell.digits) + std::string(cell.unit), ""};
  }
  CellText operator()(const Ratio& cell) const { return {fmt::format("{:.2f}x", cell.value), ""}; }
  CellText operator()(const Mean& cell) const {
    const results::Interval& mean = cell.interval;
    if (!mean.is_known()) return {four_digits(mean.value), ""};
    return {four_digits(mean.value), fmt::format("({} to {})", four_digits(mean.low), four_digits(mean.high))};
  }
  CellText operator()(const Difference& cell) const {
    const auto text = [&](double value) {
      return cell.relative ? fmt::format("{:+.1f}", value) : (value < 0 ? "-" : "+") + four_digits(std::abs(value));
    };
    const char* verdict = cell.verdict == Verdict::better  ? ", better"
                          : cell.verdict == Verdict::worse ? ", worse"
                                                           : "";
    const results::Interval& difference = cell.interval;
    return {text(difference.value) + (cell.relative ? "%" : ""),
            fmt::format("({} to {}){}", text(difference.low), text(difference.high), verdict)};
  }
};

}  // namespace

CellText parts_of(const Cell& cell) {
  return std::visit(Parts(), cell);
}

std::string to_text(const Cell& cell) {
  const CellText parts = parts_of(cell);
  return parts.interval.empty() ? parts.value : parts.value + " " + parts.interval;
}

}  // namespace pocketstyle::report

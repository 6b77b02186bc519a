// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

namespace pocketstyle::run {

/// Seconds that each part of a step took.
struct PhaseSeconds {
  double data = 0, forward = 0;
  double loss = 0;  ///< forward and backward through VGG-16
  double backward = 0;
  double exchange = 0;  ///< with the other processes, including waiting for them
  double optimiser = 0;

  struct Row {
    const char* name;  ///< name in records
    double PhaseSeconds::*seconds;
    bool optional = false;  ///< only with several processes
  };
  static constexpr auto rows() {
    return std::array{Row{"data", &PhaseSeconds::data},
                      Row{"forward", &PhaseSeconds::forward},
                      Row{"loss", &PhaseSeconds::loss},
                      Row{"backward", &PhaseSeconds::backward},
                      Row{"exchange", &PhaseSeconds::exchange, true},
                      Row{"optimiser", &PhaseSeconds::optimiser}};
  }

  /// Calls v(name, value) for each phase, in the rows' order.
  template <class V>
  void visit(V&& v) {
    for (const Row& row : rows()) v(row.name, this->*row.seconds);
  }
  template <class V>
  void visit(V&& v) const {
    for (const Row& row : rows()) v(row.name, this->*row.seconds);
  }

  [[nodiscard]] double total() const {
    double sum = 0;
    visit([&](const char*, double value) { sum += value; });
    return sum;
  }
  void add(const PhaseSeconds& other, double share = 1) {
    for (const Row& row : rows()) this->*row.seconds += share * other.*row.seconds;
  }
};

}  // namespace pocketstyle::run

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

namespace pocketstyle::run {

/// The loss's terms, each multiplied by its weight: as numbers, or as tensors where they are computed. To add a term,
/// add a member and its row: sums, records, progress and the data exchanged between processes all follow from the rows.
template <class T>
struct LossTermsOf {
  T content{}, style{}, tv{}, grid{};
  T distillation{};  ///< distillation from another network; never part of a validation loss
  T temporal{};      ///< temporal consistency between frames; never part of a validation loss

  struct Row {
    const char* name;  ///< name in records, in TensorBoard and on screen
    T LossTermsOf::*term;
    bool optional;  ///< shown only if it is above 0
  };
  static constexpr auto rows() {
    return std::array{Row{"content", &LossTermsOf::content, false},
                      Row{"style", &LossTermsOf::style, false},
                      Row{"tv", &LossTermsOf::tv, false},
                      Row{"grid", &LossTermsOf::grid, true},
                      Row{"teacher", &LossTermsOf::distillation, true},
                      Row{"temporal", &LossTermsOf::temporal, true}};
  }

  /// Calls v(name, value) for each term, in the rows' order.
  template <class V>
  void visit(V&& v) {
    for (const Row& row : rows()) v(row.name, this->*row.term);
  }
  template <class V>
  void visit(V&& v) const {
    for (const Row& row : rows()) v(row.name, this->*row.term);
  }
  /// The same for the terms that are recorded and displayed.
  template <class V>
  void visit_shown(V&& v) const {
    for (const Row& row : rows())
      if (!row.optional || this->*row.term > 0) v(row.name, this->*row.term);
  }

  [[nodiscard]] T total() const {
    T sum{};
    visit([&](const char*, const T& value) { sum += value; });
    return sum;
  }
  /// Adds `share` times each term of `other`, for means.
  void add(const LossTermsOf& other, T share) {
    for (const Row& row : rows()) this->*row.term += share * other.*row.term;
  }
  bool operator==(const LossTermsOf&) const = default;
};

using LossTerms = LossTermsOf<double>;

/// "content 20%, style 79%, tv 1%": each shown term's share of the total.
std::string shares_text(const LossTerms& loss);
/// "content 200, style 790, tv 10".
std::string values_text(const LossTerms& loss);

}  // namespace pocketstyle::run

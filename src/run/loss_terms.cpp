// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/run/loss_terms.h"

#include <spdlog/fmt/fmt.h>

namespace pocketstyle::run {
namespace {

template <class Text>
std::string joined(const LossTerms& loss, const Text& text_of) {
  std::string all;
  loss.visit_shown([&](const char* name, double value) {
    all += fmt::format("{}{} {}", all.empty() ? "" : ", ", name, text_of(value));
  });
  return all;
}

}  // namespace

std::string shares_text(const LossTerms& loss) {
  return joined(loss, [total = loss.total()](double value) { return fmt::format("{:.0f}%", 100 * value / total); });
}

std::string values_text(const LossTerms& loss) {
  return joined(loss, [](double value) { return fmt::format("{:.0f}", value); });
}

}  // namespace pocketstyle::run

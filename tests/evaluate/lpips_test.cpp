// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/evaluate/lpips.h"

#include "evaluate/lpips_file.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/nn/safetensors.h"

#include <cmath>

using namespace pocketstyle;
using evaluate::Lpips;
using testing::contains;
using testing::error_of;
using testing::two_channels;

namespace {

torch::Tensor plain(double red) {
  torch::Tensor picture = torch::full({1, 3, 16, 20}, 50.0F);
  picture.select(1, 0).fill_(red);
  return picture;
}

}  // namespace

TEST_CASE("LPIPS is the weighted squared difference of unit features, summed over five taps") {
  const testing::TempDir folder;
  nn::write_safetensors(folder / "lpips.safetensors", two_channels());
  const Lpips lpips(folder / "lpips.safetensors");
  const auto unit = [](double red) {
    const double scaled = std::max(0.0, (red / 127.5 - 1 + 0.030) / 0.458), length = std::hypot(scaled, 1);
    return std::pair(scaled / length, 1 / length);
  };
  for (const auto& [a, b] : {std::pair{255.0, 0.0}, {200.0, 150.0}, {130.0, 131.0}}) {
    const auto [a0, a1] = unit(a);
    const auto [b0, b1] = unit(b);
    double expected = 0;
    for (int tap = 0; tap < 5; ++tap)
      expected += (1 + tap) * (a0 - b0) * (a0 - b0) + (10 + tap) * (a1 - b1) * (a1 - b1);
    INFO(a << " " << b);
    CHECK(lpips.distance(plain(a), plain(b)) == Approx(expected).epsilon(1e-4));
    CHECK(lpips.distance(plain(b), plain(a)) == Approx(expected).epsilon(1e-4));
  }
  CHECK(lpips.distance(plain(77), plain(77)) == 0);
  CHECK(contains(error_of([&] {
                   (void)lpips.distance(torch::ones({1, 3, 15, 20}), torch::ones({1, 3, 15, 20}));
                 }),
                 "20x15 is too small"));
}

TEST_CASE("LPIPS without its VGG-16, or with other shapes, is refused") {
  const testing::TempDir folder;
  const auto error = [&](const nn::TensorFile& file) {
    nn::write_safetensors(folder / "lpips.safetensors", file);
    return error_of([&] { const Lpips lpips(folder / "lpips.safetensors"); });
  };
  nn::TensorFile linear_only;
  for (const auto& [name, values] : two_channels().tensors)
    if (name.starts_with("lin")) linear_only.tensors.emplace_back(name, values);
  CHECK(contains(error(linear_only), "net.slice1.0.weight is missing; expected the whole state dict"));
  nn::TensorFile without_last;  // as with a VGG-16 that ends at relu4_3
  for (const auto& [name, values] : two_channels().tensors)
    if (!name.starts_with("net.slice5")) without_last.tensors.emplace_back(name, values);
  CHECK(contains(error(without_last), "net.slice5.24.weight is missing"));
  nn::TensorFile wrong = two_channels();
  wrong.tensors.back().second = torch::ones({1, 3, 1, 1});
  CHECK(contains(error(wrong), "lin4.model.1.weight: expected shape [1, 2, 1, 1] (-1: any), found [1, 3, 1, 1]"));
}

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/stylize/strips.h"

#include "stylize/channel_statistics.h"
#include "stylize/pictures.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "pocketstyle/export/export.h"
#include "pocketstyle/media/tensor.h"
#include "pocketstyle/nn/weights.h"

#include <limits>

using namespace pocketstyle;
using config::Architecture;
using config::BlockKind;
using testing::contains;
using testing::error_of;
using testing::photo;

namespace {

/// A network with no parameter at its initial value: norms differ, and branches have an effect.
nn::StyleNet random_net(const Architecture& architecture) {
  torch::manual_seed(7);
  nn::StyleNet net(architecture);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : net->named_parameters())
    if (parameter.key().find("in") != std::string::npos && parameter.value().dim() == 1)
      parameter.value().uniform_(-1.5, 1.5);
  return net;
}

torch::Tensor in_strips(const nn::StyleNet& net, const media::Image& picture, stylize::StripOptions options) {
  std::vector<torch::Tensor> rows;
  stylize::run_in_strips(net, picture, options, [&](const torch::Tensor& strip) { rows.push_back(strip.clone()); });
  return torch::cat(rows, 2);
}

/// Largest difference, relative to a range of 1.
double difference(const torch::Tensor& a, const torch::Tensor& b) {
  REQUIRE(a.sizes() == b.sizes());
  return ((a - b).abs().max() / 255).item<double>();
}

constexpr std::uint64_t kPlenty = std::numeric_limits<std::int32_t>::max();

}  // namespace

TEST_CASE("strips give what the whole picture gives, for every architecture, size, strip and memory") {
  const auto [name, architecture] = GENERATE(table<std::string, Architecture>({
      {"residual", {9, {4, 6, 8}, BlockKind::residual, 2, 0}},
      {"bottleneck", {5, {4, 6, 8}, BlockKind::bottleneck, 2, 3}},
      {"separable", {5, {4, 6, 8}, BlockKind::separable, 2, 12}},
      {"kernel 1, no trunk", {1, {3, 3, 5}, BlockKind::residual, 0, 0}},
      {"kernel 31, wide inside", {31, {2, 9, 4}, BlockKind::bottleneck, 1, 20}},
      {"no layers at full size", {7, {0, 6, 8}, BlockKind::bottleneck, 2, 3}},
  }));
  nn::StyleNet net = random_net(architecture);
  const torch::NoGradGuard no_grad;
  for (const auto& [width, height] : {std::pair{64, 48}, {37, 85}, {33, 34}, {16, 16}, {98, 17}, {19, 51}}) {
    const media::Image picture = photo(width, height);
    const torch::Tensor whole = net->forward(media::to_tensor_nchw255(picture));
    for (const std::uint64_t strip_bytes : {1, 3000, 100'000'000}) {
      stylize::StripOptions options{.activation_bytes = kPlenty, .strip_bytes = strip_bytes};
      const std::uint64_t least = stylize::least_activation_bytes(architecture, height, width, options);
      INFO(name << ", " << width << "x" << height << ", strips of " << strip_bytes << " bytes");
      for (const std::uint64_t bytes : {kPlenty, least, least + 3000, least + 20'000}) {
        options.activation_bytes = std::max(bytes, least);
        CHECK(difference(in_strips(net, picture, options), whole) < 1e-4);
      }
    }
  }
}

TEST_CASE("strips do the presets, and the parameters are not changed") {
  for (const char* preset : {"original", "mini"}) {
    nn::StyleNet net = random_net(config::find_preset(preset).architecture);
    const torch::NoGradGuard no_grad;
    const torch::Tensor weight = net->convs[0]->conv2d->weight.clone();
    const media::Image picture = photo(131, 97);
    const stylize::StripOptions options{.activation_bytes = kPlenty, .strip_bytes = 100'000};
    INFO(preset);
    CHECK(difference(in_strips(net, picture, options), net->forward(media::to_tensor_nchw255(picture))) < 1e-4);
    CHECK(torch::equal(net->convs[0]->conv2d->weight, weight));
  }
}

TEST_CASE("too little memory even for strips is refused, and so is a picture too small") {
  const nn::StyleNet net = random_net({3, {4, 6, 8}, BlockKind::residual, 1, 0});
  const auto least = stylize::least_activation_bytes(net->architecture, 60, 80);
  const std::string error =
      error_of([&] { in_strips(net, photo(80, 60), stylize::StripOptions{.activation_bytes = least - 1}); });
  CHECK(contains(error, "even in strips"));
  CHECK_THROWS_AS(in_strips(net, photo(80, 3), stylize::StripOptions{.activation_bytes = kPlenty}), c10::Error);
}

TEST_CASE("statistics of strips are those of the whole, however it is cut") {
  torch::manual_seed(3);
  // A mean far above the deviation, where plain sums of squares would lose all precision.
  const torch::Tensor rows = torch::randn({1, 3, 40, 25}) + torch::tensor({0.0F, 1000.0F, -5.0F}).view({1, 3, 1, 1});
  const torch::Tensor exact = rows.to(torch::kFloat64);
  for (const std::int64_t cut : {1, 7, 40}) {
    stylize::ChannelStatistics merged(3);
    for (std::int64_t top = 0; top < 40; top += cut) merged.add(rows.narrow(2, top, std::min(cut, 40 - top)));
    CHECK(torch::allclose(merged.mean(), exact.mean({0, 2, 3}), 1e-6, 1e-6));
    CHECK(torch::allclose(merged.variance(), exact.var({0, 2, 3}, /*unbiased=*/false), 1e-5));
  }
  stylize::ChannelStatistics one(3), all(3);
  one.merge(all);  // nothing to nothing
  all.add(rows);
  one.merge(all);
  CHECK(torch::equal(one.mean(), all.mean()));
  CHECK(torch::equal(one.variance(), all.variance()));
}

TEST_CASE("models that need more than the memory allows go in strips, whatever file they come from") {
  const testing::TempDir folder;
  const Architecture architecture{5, {16, 8, 8}, BlockKind::bottleneck, 1, 4};
  nn::save_net(folder / "net.safetensors", random_net(architecture), {});
  exporting::ExportOptions options;
  options.precisions = {exporting::Precision::fp32, exporting::Precision::fp16, exporting::Precision::int8};
  options.formats = {exporting::ExportFormat::pt, exporting::ExportFormat::ptl, exporting::ExportFormat::onnx_u8};
  exporting::export_net(nn::load_net(folder / "net.safetensors"), folder.path(), "net", options);
  const media::Image picture = photo(59, 42);

  /// Claims that it needs too much memory for a whole picture.
  class Large : public stylize::StyleModel {
   public:
    explicit Large(const std::filesystem::path& path) : model_(stylize::load_style_model(path)) {}
    torch::Tensor run(const torch::Tensor& /*photo*/) override { throw std::runtime_error("was run whole"); }
    [[nodiscard]] std::int64_t min_side() const override { return model_->min_side(); }
    [[nodiscard]] std::uint64_t run_bytes(std::int64_t /*height*/, std::int64_t /*width*/) const override {
      return std::numeric_limits<std::uint64_t>::max();
    }
    nn::StyleNet net() override { return model_->net(); }

   private:
    std::unique_ptr<stylize::StyleModel> model_;
  };
  for (const char* name : {"net.safetensors", "net.pt", "net.ptl", "net.u8.onnx", "net.fp16.pt", "net.fp16.ptl",
                           "net.fp16.u8.onnx", "net.int8.pt", "net.int8.ptl", "net.int8.u8.onnx"}) {
    INFO(name);
    const media::Image whole = stylize::stylize(*stylize::load_style_model(folder / name), picture, {});
    Large large(folder / name);
    const media::Image strips = stylize::stylize(large, picture, {});
    REQUIRE(strips.rgb_hwc.size() == whole.rgb_hwc.size());
    int largest = 0;
    for (std::size_t i = 0; i < whole.rgb_hwc.size(); ++i)
      largest = std::max(largest, std::abs(whole.rgb_hwc[i] - strips.rgb_hwc[i]));
    CHECK(largest <= 1);  // a value on the edge of rounding may fall either way
  }
}

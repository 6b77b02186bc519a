// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/torchscript.h"

#include "pocketstyle/core/error.h"

#include <algorithm>
#include <string>

namespace pocketstyle::exporting {
namespace {

/// "res1.conv1.conv2d.weight" as the attribute "res1_conv1_weight".
std::string attribute_name(const std::string& parameter) {
  constexpr std::string_view kLayer = ".conv2d";
  std::string name = parameter;
  if (const auto at = name.find(kLayer); at != std::string::npos) name.erase(at, kLayer.size());
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

/// Writes forward's lines; `y` is the running value.
class Source {
 public:
  void line(const std::string& text) { text_ += "    " + text + "\n"; }

  void conv(const std::string& name, const nn::ConvLayer& layer) {
    const std::int64_t p = layer->padding;
    const auto stride = layer->conv2d->options.stride()->front();
    if (p > 0) line(fmt::format("y = torch.reflection_pad2d(y, [{}, {}, {}, {}])", p, p, p, p));
    line(fmt::format("y = torch.conv2d(y, self.{0}_weight, {1}, [{2}, {2}], [0, 0], [1, 1], 1)", name,
                     layer->conv2d->bias.defined() ? "self." + name + "_bias" : "None", stride));
  }

  void norm(const std::string& name, const torch::nn::InstanceNorm2d& layer) {
    line(fmt::format("y = torch.instance_norm(y, self.{0}_weight, self.{0}_bias, None, None, True, 0.1, {1}, False)",
                     name, layer->options.eps()));
  }

  void conv_norm_relu(const std::string& conv_name, const nn::ConvLayer& layer, const std::string& norm_name,
                      const torch::nn::InstanceNorm2d& norm_layer) {
    conv(conv_name, layer);
    norm(norm_name, norm_layer);
    line("y = torch.relu(y)");
  }

  void block(const std::string& name, const nn::ResidualBlock& layer) {
    line("shortcut = y");
    for (std::size_t i = 0; i < layer->convs.size(); ++i) {
      conv(fmt::format("{}_conv{}", name, i + 1), layer->convs[i]);
      norm(fmt::format("{}_in{}", name, i + 1), layer->norms[i]);
      if (i + 1 < layer->convs.size()) line("y = torch.relu(y)");
    }
    line("y = torch.add(shortcut, y)");
  }

  /// Doubles, then cuts to the size of `level`: by a factor, since an odd target size would sample other pixels.
  void upsample_to(const std::string& level) {
    line("y = torch.upsample_nearest2d(y, None, [2.0, 2.0])");
    line(fmt::format("y = y[:, :, :{0}.size(2), :{0}.size(3)]", level));
  }

  [[nodiscard]] std::string text() const { return "def forward(self, x: Tensor) -> Tensor:\n" + text_; }

 private:
  std::string text_;
};

std::string forward_source(const nn::StyleNetImpl& net) {
  Source source;
  source.line(fmt::format("y = torch.add(x, {})", nn::kInputShift));
  source.conv_norm_relu("conv1", net.conv1, "in1", net.in1);
  source.conv_norm_relu("conv2", net.conv2, "in2", net.in2);
  source.line("half = y");
  source.conv_norm_relu("conv3", net.conv3, "in3", net.in3);
  for (std::size_t i = 0; i < net.blocks.size(); ++i) source.block(fmt::format("res{}", i + 1), net.blocks[i]);
  source.upsample_to("half");
  source.conv_norm_relu("deconv1", net.deconv1, "in4", net.in4);
  source.upsample_to("x");
  source.conv_norm_relu("deconv2", net.deconv2, "in5", net.in5);
  source.conv("deconv3", net.deconv3);
  source.line(fmt::format("y = torch.add(torch.mul(y, {:.1f}), {:.1f})", nn::kOutputScale, nn::kOutputShift));
  source.line("y = torch.clamp(torch.div(y, 255.0), 0.0, 1.0)");
  source.line("return y.contiguous()");
  return source.text();
}

}  // namespace

torch::jit::Module to_torchscript(const nn::StyleNet& net) {
  torch::jit::Module module("__torch__.StyleNet");
  module.register_attribute("training", c10::BoolType::get(), false);
  for (const auto& parameter : net->named_parameters()) {
    torch::Tensor copy = parameter.value().detach().to(torch::kCPU, torch::kFloat32).contiguous().clone();
    module.register_parameter(attribute_name(parameter.key()), copy, /*is_buffer=*/false);
  }
  module.define(forward_source(*net));
  return module;
}

}  // namespace pocketstyle::exporting

// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/export/stored_net.h"

#include "export/graph.h"
#include "export/onnx_model.h"
#include "export/tflite.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/export/describe.h"
#include "pocketstyle/nn/weights.h"

#include <torch/csrc/jit/mobile/import.h>
#include <torch/csrc/jit/mobile/module.h>
#include <torch/script.h>

#include <stdexcept>

namespace pocketstyle::exporting {
namespace fs = std::filesystem;
namespace {

using Tensors = std::map<std::string, torch::Tensor>;

/// The tensor list in TorchScript and Lite files that are not plain: each tensor of the graph in order, followed by its
/// scale if it is int8.
Tensors restored(const c10::List<torch::Tensor>& stored, const config::Architecture& architecture) {
  Tensors tensors;
  std::size_t at = 0;
  for (const auto& [name, unused] : to_graph(nn::StyleNet(architecture)).tensors) {
    if (at == stored.size()) break;
    torch::Tensor values = stored.get(at++);
    const bool scaled = values.scalar_type() == torch::kInt8 && at < stored.size();
    tensors[name] = StoredTensor{name, values, scaled ? stored.get(at++) : torch::Tensor()}.restore();
  }
  return tensors;
}

Tensors torchscript_tensors(const fs::path& path, const config::Architecture& architecture) {
  const torch::jit::Module module = torch::jit::load(path.string(), torch::kCPU);
  if (module.hasattr("stored")) return restored(module.attr("stored").toTensorList(), architecture);
  Tensors tensors;
  for (const auto& parameter : module.named_parameters(/*recurse=*/false)) tensors[parameter.name] = parameter.value;
  return tensors;
}

Tensors lite_tensors(const fs::path& path, const config::Architecture& architecture) {
  const auto module = torch::jit::_load_for_mobile(path.string(), torch::Device(torch::kCPU));
  for (const c10::IValue& slot : module.slots())  // their names are lost where __setstate__ sets them
    if (slot.isTensorList()) return restored(slot.toTensorList(), architecture);
  return module.named_parameters();
}

/// In ONNX the tensor is NAME, or NAME_stored, with NAME_scale for int8.
Tensors onnx_tensors(const fs::path& path) {
  const OnnxModel model = parse_onnx(read_file(path), path.string());
  const Tensors all(model.initializers.begin(), model.initializers.end());
  Tensors tensors = all;
  constexpr std::string_view kStored = "_stored";
  for (const auto& [name, values] : all) {
    if (!name.ends_with(kStored)) continue;
    const std::string plain = name.substr(0, name.size() - kStored.size());
    const auto scale = all.find(plain + "_scale");
    tensors[plain] = StoredTensor{plain, values, scale == all.end() ? torch::Tensor() : scale->second}.restore();
  }
  return tensors;
}

}  // namespace

nn::StyleNet load_stored_net(const fs::path& path) {
  const FileDescription description = describe_file(path);
  if (!description.architecture)
    throw DataError("{}: is {}, expected a style network", path.string(), description.kind);
  const config::Architecture& architecture = *description.architecture;
  const auto weights = description.metadata.find("weights");
  if (weights != description.metadata.end() && weights->second == to_string(Precision::int8_static))
    throw DataError("{}: is int8-static, from which weights cannot be restored; use the .safetensors export",
                    path.string());
  try {
    if (description.kind == "torchscript") return net_of(architecture, torchscript_tensors(path, architecture));
    if (description.kind == "lite") return net_of(architecture, lite_tensors(path, architecture));
    if (description.kind == "onnx") return net_of(architecture, onnx_tensors(path));
    if (description.kind == "tflite")
      return net_of(architecture, restored_tensors(parse_tflite(read_file(path), path.string()),
                                                   to_graph(nn::StyleNet(architecture))));
  } catch (const c10::Error& error) {
    throw DataError("{}: LibTorch cannot load it: {}", path.string(), first_line(error.what_without_backtrace()));
  } catch (const std::invalid_argument& error) {
    throw DataError("{}: its weights cannot be restored: {}; use the .safetensors export", path.string(), error.what());
  }
  return nn::load_net(path).net;
}

}  // namespace pocketstyle::exporting

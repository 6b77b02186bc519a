// SPDX-License-Identifier: Apache-2.0
// Runs an exported .ptl or .pt file on reference tensors (pocketstyle export --references):
//   run_references REFERENCES NAME MODEL [LARGEST_SIDE]
// NAME is the export's name, as in NAME.onnx, whose references are used for forward, NAME.u8.onnx for run_u8,
// NAME.rgba.onnx for run_rgba. Exit code 4 if a difference exceeds its tolerance.
#include <nlohmann/json.hpp>
#include <torch/csrc/jit/mobile/import.h>
#include <torch/csrc/jit/mobile/module.h>
#include <torch/script.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

namespace {

using Run = std::function<torch::Tensor(const std::string& method, const torch::Tensor& input)>;

Run load(const std::string& path) {
  if (path.size() > 4 && path.substr(path.size() - 4) == ".ptl") {
    auto module = torch::jit::_load_for_mobile(path);
    return [module](const std::string& method, const torch::Tensor& x) {
      return module.get_method(method)({x}).toTensor();
    };
  }
  auto module = torch::jit::load(path);
  return
      [module](const std::string& method, const torch::Tensor& x) { return module.get_method(method)({x}).toTensor(); };
}

torch::Tensor read(const std::string& path, const std::vector<std::int64_t>& shape, bool bytes) {
  std::ifstream file(path, std::ios::binary);
  std::string data((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto dtype = bytes ? torch::kUInt8 : torch::kFloat32;
  const torch::Tensor tensor = torch::from_blob(data.data(), shape, dtype).clone();
  TORCH_CHECK(data.size() == tensor.nbytes(), path, ": expected ", tensor.nbytes(), " bytes, found ", data.size());
  return tensor;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: run_references REFERENCES NAME MODEL [LARGEST_SIDE]\n");
    return 2;
  }
  try {
    const std::string folder = argv[1], name = argv[2], model = argv[3];
    const std::int64_t largest_side = argc > 4 ? std::stoll(argv[4]) : 65536;
    const auto index = nlohmann::json::parse(std::ifstream(folder + "/index.json"));
    const Run run = load(model);
    const torch::NoGradGuard no_grad;
    bool good = true;
    for (const auto& [suffix, method] :
         {std::pair{".onnx", "forward"}, {".u8.onnx", "run_u8"}, {".rgba.onnx", "run_rgba"}}) {
      double largest = 0, tolerance = 0;
      int cases = 0;
      for (const auto& entry : index["cases"]) {
        const auto shape = entry["shape"].get<std::vector<std::int64_t>>();
        if (entry["model"] != name + suffix || *std::max_element(shape.begin(), shape.end()) > largest_side) continue;
        const bool bytes = entry["dtype"] == "uint8";
        const std::string path = folder + "/" + entry["case"].get<std::string>();
        const torch::Tensor expected = read(path + ".out.bin", shape, bytes);
        const torch::Tensor found = run(method, read(path + ".in.bin", shape, bytes));
        largest =
            std::max(largest, (found.to(torch::kFloat64) - expected.to(torch::kFloat64)).abs().max().item<double>());
        tolerance = entry["tolerance"];
        ++cases;
      }
      const bool ok = cases > 0 && largest <= tolerance;
      good = good && ok;
      std::printf("%-28s %-9s %2d cases  largest difference %-9.3g allowed %-7.3g %s\n",
                  model.substr(model.rfind('/') + 1).c_str(), method, cases, largest, tolerance, ok ? "ok" : "FAILED");
    }
    return good ? 0 : 4;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "run_references: %s\n", error.what());
    return 1;
  }
}

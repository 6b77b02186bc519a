// SPDX-License-Identifier: Apache-2.0
// A photo through an exported Lite file: stylize_lite NAME.ptl IN.jpg OUT.png
// What an application on a device does, with OpenCV in place of its picture type: the Lite interpreter is the one of
// PyTorch Mobile. Exit codes: 0 done, 1 the work failed, 2 wrong usage, 3 unreadable photo.
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <torch/csrc/jit/mobile/import.h>
#include <torch/csrc/jit/mobile/module.h>
#include <torch/torch.h>

#include <chrono>
#include <iostream>
#include <string>

namespace {

/// uint8 [H, W, 4] RGBA to the same, alpha copied. run_rgba does it all; files without it have forward on floats.
torch::Tensor stylize(torch::jit::mobile::Module& net, const torch::Tensor& rgba) {
  if (const auto run_rgba = net.find_method("run_rgba")) return (*run_rgba)({rgba}).toTensor();
  const torch::Tensor rgb = rgba.narrow(2, 0, 3), alpha = rgba.narrow(2, 3, 1);
  const torch::Tensor input = rgb.permute({2, 0, 1}).unsqueeze(0).to(torch::kFloat32).div(255).contiguous();
  const torch::Tensor output = net.forward({input}).toTensor();  // [1, 3, H, W], RGB 0..1
  const torch::Tensor bytes = output.mul(255).add(0.5).clamp(0, 255).to(torch::kUInt8);
  return torch::cat({bytes.squeeze(0).permute({1, 2, 0}), alpha}, 2).contiguous();
}

int run(const std::string& model_path, const std::string& in_path, const std::string& out_path) {
  cv::Mat photo = cv::imread(in_path, cv::IMREAD_COLOR);  // upright, as its EXIF orientation says
  if (photo.empty()) {
    std::cerr << "stylize_lite: " << in_path << ": not a readable picture\n";
    return 3;
  }
  cv::cvtColor(photo, photo, cv::COLOR_BGR2RGBA);
  const torch::Tensor input = torch::from_blob(photo.data, {photo.rows, photo.cols, 4}, torch::kUInt8);  // no copy

  const c10::InferenceMode no_gradients;
  torch::jit::mobile::Module net = torch::jit::_load_for_mobile(model_path, torch::Device(torch::kCPU));
  torch::Tensor output;
  for (const char* call : {"first", "second"}) {  // the first one also sets up what later ones use again
    const auto start = std::chrono::steady_clock::now();
    output = stylize(net, input);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    std::cout << photo.cols << "x" << photo.rows << ", " << call << " call: " << took.count() << " ms\n";
  }

  cv::Mat styled(photo.rows, photo.cols, CV_8UC4, output.data_ptr<std::uint8_t>());
  cv::cvtColor(styled, styled, cv::COLOR_RGBA2BGR);
  if (cv::imwrite(out_path, styled)) return 0;
  std::cerr << "stylize_lite: " << out_path << ": could not be written\n";
  return 1;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: stylize_lite NAME.ptl IN.jpg OUT.png\n";
    return 2;
  }
  try {
    return run(argv[1], argv[2], argv[3]);
  } catch (const c10::Error& error) {  // an unusable model, or a picture that it does not take
    std::cerr << "stylize_lite: " << argv[1] << ": " << first_line(error.what_without_backtrace()) << "\n";
  } catch (const std::exception& error) {
    std::cerr << "stylize_lite: " << first_line(error.what()) << "\n";
  }
  return 1;
}

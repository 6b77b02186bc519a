// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/media/onnx.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/dnn.hpp>

namespace pocketstyle::media {
namespace {

std::vector<float> floats(const cv::Mat& blob) {
  cv::Mat converted;
  blob.convertTo(converted, CV_32F);
  const auto* data = converted.ptr<float>();
  return {data, data + converted.total()};
}

}  // namespace

std::vector<OnnxConvolution> read_onnx_convolutions(const std::filesystem::path& path) {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  const std::string bytes = read_file(path);
  std::vector<OnnxConvolution> convolutions;
  try {
    cv::dnn::Net net = cv::dnn::readNetFromONNX(bytes.data(), bytes.size());
    for (const std::string& name : net.getLayerNames()) {
      const cv::Ptr<cv::dnn::Layer> layer = net.getLayer(net.getLayerId(name));
      if (layer->type != "Convolution" || layer->blobs.empty()) continue;
      OnnxConvolution convolution;
      convolution.name = name;
      const cv::Mat& weight = layer->blobs[0];
      for (int i = 0; i < weight.dims; ++i) convolution.shape.push_back(weight.size[i]);
      convolution.weight = floats(weight);
      if (layer->blobs.size() > 1) convolution.bias = floats(layer->blobs[1]);
      convolutions.push_back(std::move(convolution));
    }
  } catch (const cv::Exception& error) {
    throw DataError("{}: OpenCV cannot read it as ONNX: {}", path.string(), first_line(error.err));
  }
  return convolutions;
}

void set_threads(int threads) {
  cv::setNumThreads(threads);
}

struct OnnxNet::Impl {
  cv::dnn::Net net;
};

OnnxNet::OnnxNet(const std::string& bytes) : impl_(std::make_unique<Impl>()) {
  try {
    impl_->net = cv::dnn::readNetFromONNX(bytes.data(), bytes.size());
  } catch (const cv::Exception& error) {
    throw DataError("OpenCV cannot read it as ONNX: {}", first_line(error.err));
  }
}
OnnxNet::~OnnxNet() = default;

torch::Tensor OnnxNet::run(const torch::Tensor& input) {
  const torch::Tensor x = input.to(torch::kFloat32).contiguous();
  const std::vector<int> shape(x.sizes().begin(), x.sizes().end());
  try {
    impl_->net.setInput(cv::Mat(shape, CV_32F, x.data_ptr()));
    const cv::Mat result = impl_->net.forward();
    const std::vector<std::int64_t> sizes(result.size.p, result.size.p + result.dims);
    return torch::from_blob(result.data, sizes, torch::kFloat32).clone();
  } catch (const cv::Exception& error) {
    throw RuntimeFailure("OpenCV cannot run the network: {}", first_line(error.err));
  }
}

}  // namespace pocketstyle::media

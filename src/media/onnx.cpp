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
    throw DataError("{}: OpenCV cannot read it as ONNX: {}", path.string(), error.err.substr(0, error.err.find('\n')));
  }
  return convolutions;
}

}  // namespace pocketstyle::media

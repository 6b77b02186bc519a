// SPDX-License-Identifier: Apache-2.0
#include "workflows/contact_sheet.h"

#include "pocketstyle/data/photos.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/media/tensor.h"
#include "pocketstyle/nn/weights.h"

#include <torch/torch.h>

#include <algorithm>

namespace pocketstyle::workflows {
namespace {

constexpr std::int64_t kCellWidth = 320;

}  // namespace

void draw_contact_sheet(const std::filesystem::path& file, const std::vector<VariantResult>& results,
                        const config::Config& config) {
  if (config.data.held_out.empty()) return;
  const torch::NoGradGuard no_grad;
  auto photos = data::load_validation_photos(config.data);
  photos.resize(std::min(photos.size(), static_cast<std::size_t>(config.run.preview_photos)));
  std::vector<std::vector<media::Image>> pictures(1);
  for (const torch::Tensor& photo : photos) pictures[0].push_back(media::from_tensor_nchw255(photo));
  for (const VariantResult& result : results) {
    nn::StyleNet net = nn::load_net(result.runs.front()).net;
    pictures.emplace_back();
    for (const torch::Tensor& photo : photos)
      pictures.back().push_back(media::from_tensor_nchw255(net->forward(photo)));
  }
  std::vector<media::LabelledRow> rows = {{"photo", pictures[0]}};
  for (std::size_t i = 0; i < results.size(); ++i) rows.push_back({results[i].label, pictures[i + 1]});
  const media::Image& first = pictures[0].front();
  media::save_image(file, media::contact_sheet(rows, kCellWidth, kCellWidth * first.height / first.width));
}

}  // namespace pocketstyle::workflows

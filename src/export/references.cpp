// SPDX-License-Identifier: Apache-2.0
#include "export/references.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"

#include <nlohmann/json.hpp>

namespace pocketstyle::exporting {
namespace {

constexpr int kOneLevel = 1;

/// A picture, float NCHW 0..1, as model input; alpha rises from 0 to 255 from left to right, so that its loss would
/// show.
torch::Tensor as_fed(const torch::Tensor& picture_nchw01, PictureIo io) {
  if (io == PictureIo::float_nchw01) return picture_nchw01.contiguous();
  if (io == PictureIo::float_nhwc01) return picture_nchw01.permute({0, 2, 3, 1}).contiguous();
  torch::Tensor bytes = torch::floor(picture_nchw01 * 255 + 0.5).to(torch::kUInt8).permute({0, 2, 3, 1}).contiguous();
  if (io == PictureIo::u8_nhwc) return bytes;
  const std::int64_t height = bytes.size(1), width = bytes.size(2);
  const torch::Tensor alpha = torch::linspace(0, 255, width).to(torch::kUInt8).view({1, width, 1});
  return torch::cat({bytes[0], alpha.expand({height, width, 1})}, 2).contiguous();
}

std::string_view bytes_of(const torch::Tensor& tensor) {
  return {static_cast<const char*>(tensor.data_ptr()), tensor.nbytes()};
}

}  // namespace

void write_references(const std::filesystem::path& folder, const std::vector<Reference>& references) {
  nlohmann::ordered_json index{{"cases", nlohmann::ordered_json::array()}};
  for (const Reference& reference : references) {
    const bool bytes = formats::is_bytes(reference.io);
    for (std::size_t i = 0; i < reference.cases.size(); ++i) {
      const ParityCase& one = reference.cases[i];
      const torch::Tensor in = as_fed(one.picture, reference.io), out = as_fed(one.expected, reference.io);
      std::vector<std::int64_t> shape = in.sizes().vec();
      if (reference.has_batch && in.dim() == 3) shape.insert(shape.begin(), 1);
      const std::string name =
          fmt::format("{}-{}x{}-{}", reference.model, one.picture.size(2), one.picture.size(3), i + 1);
      write_file_atomically(folder / (name + ".in.bin"), bytes_of(in));
      write_file_atomically(folder / (name + ".out.bin"), bytes_of(out));
      nlohmann::ordered_json entry{
          {"case", name}, {"model", reference.model}, {"dtype", bytes ? "uint8" : "float32"}, {"shape", shape}};
      if (reference.min_psnr_db > 0) {
        entry["tolerance"] = bytes ? 255 : 1;
        entry["min_psnr"] = reference.min_psnr_db;
      } else if (bytes) {
        entry["tolerance"] = kOneLevel;
      } else {
        entry["tolerance"] = reference.tolerance;
      }
      index["cases"].push_back(std::move(entry));
    }
  }
  write_file_atomically(folder / "index.json", json_text(index, 1) + "\n");
}

}  // namespace pocketstyle::exporting

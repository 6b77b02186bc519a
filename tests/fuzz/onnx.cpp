// SPDX-License-Identifier: Apache-2.0
#include "export/onnx_model.h"
#include "fuzz/file.h"
#include "fuzz/fuzz.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/export/export.h"
#include "pocketstyle/export/stored_net.h"

using namespace pocketstyle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run<DataError>(data, size, [](std::string_view bytes) {
    exporting::OnnxModel model = exporting::parse_onnx(bytes, "fuzzed.onnx");
    // With the right checksum, so that the file is read on. The seeds have zeros in its place.
    std::string& about = model.metadata[exporting::kExtraFileName];
    const std::string hash = exporting::content_sha256(model);
    if (const auto at = about.find(std::string(hash.size(), '0')); at != std::string::npos)
      about.replace(at, hash.size(), hash);
    static_cast<void>(exporting::load_stored_net(fuzz::File(exporting::to_onnx_bytes(model), ".onnx").path()));
  });
}

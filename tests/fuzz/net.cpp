// SPDX-License-Identifier: Apache-2.0
// Weights as a network: ours by their metadata, the PyTorch example's by their shapes.
#include "fuzz/file.h"
#include "fuzz/fuzz.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/export/import_net.h"
#include "pocketstyle/export/stored_net.h"

using namespace pocketstyle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::run<DataError>(data, size, [](std::string_view bytes) {
    static_cast<void>(exporting::import_net(fuzz::File(bytes, ".safetensors").path()));
  });
  return fuzz::run<DataError>(data, size, [](std::string_view bytes) {
    static_cast<void>(exporting::load_stored_net(fuzz::File(bytes, ".safetensors").path()));
  });
}

// SPDX-License-Identifier: Apache-2.0
#include "export/tflite_model.h"
#include "fuzz/file.h"
#include "fuzz/fuzz.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/export/stored_net.h"

#include <string>

using namespace pocketstyle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run<DataError>(data, size, [](std::string_view bytes) {
    // With the right checksum, so that the file is read on. The seeds have zeros in its place.
    std::string file(bytes);
    if (file.find(exporting::kNoContentHash) != std::string::npos) file = exporting::with_content_sha256(file);
    static_cast<void>(exporting::load_stored_net(fuzz::File(file, ".tflite").path()));
  });
}

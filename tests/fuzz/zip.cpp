// SPDX-License-Identifier: Apache-2.0
// TorchScript and Lite files, as far as they are read before LibTorch gets them.
#include "export/zip.h"

#include "fuzz/fuzz.h"

#include <stdexcept>

using namespace pocketstyle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run<std::invalid_argument>(data, size, [](std::string_view bytes) {
    const exporting::ZipArchive archive(bytes);
    for (const char* member : {"bytecode.pkl", "data.pkl", "extra/pocketstyle.json"})
      if (archive.has(member)) static_cast<void>(archive.read(member));
  });
}

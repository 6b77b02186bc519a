// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/formats/formats.h"

#include <string>
#include <string_view>

namespace pocketstyle::formats {

/// "mini.int8.rgba.onnx", "mini.rgba.onnx" in fp32.
std::string file_name(std::string_view name, Format format, Precision precision);

}  // namespace pocketstyle::formats

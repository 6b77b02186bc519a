// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/document.h"

#include "pocketstyle/report/comparison.h"

#include <string>

namespace pocketstyle::report {

/// One page (html/report.html) with style, script, charts and pictures embedded; nothing is loaded from elsewhere.
/// Photos and networks' pictures are those of the comparison.
std::string to_html(const Document& document, const Comparison& comparison);

}  // namespace pocketstyle::report

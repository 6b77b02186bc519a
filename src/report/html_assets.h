// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pocketstyle::report {

// The files of src/report/html, embedded into the program by the build.
extern const char* const kReportHtml;
extern const char* const kReportCss;
extern const char* const kReportJs;

}  // namespace pocketstyle::report

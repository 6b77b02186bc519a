// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/address_space.h"

#include "pocketstyle/core/error.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace pocketstyle {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kBlasBuffer = std::uint64_t{129} << 20U;  // with what malloc adds
constexpr double kMegabytes = 1e6;

/// The soft limit in a line "Max address space   734003200   unlimited   bytes".
std::optional<std::uint64_t> limit(const fs::path& root) {
  const std::string kBegin = "Max address space";
  std::ifstream limits(root / "proc/self/limits");
  for (std::string line; std::getline(limits, line);) {
    if (!line.starts_with(kBegin)) continue;
    std::istringstream words(line.substr(kBegin.size()));
    std::uint64_t bytes = 0;
    if (words >> bytes) return bytes;  // not "unlimited"
  }
  return {};
}

}  // namespace

std::optional<std::uint64_t> address_space_left(const fs::path& root) {
  const auto most = limit(root);
  if (!most) return {};
  std::uint64_t pages = 0;
  std::ifstream(root / "proc/self/statm") >> pages;
  return *most - std::min(*most, pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

void check_address_space() {
  const auto left = address_space_left();
  const auto threads = reinterpret_cast<int (*)()>(::dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
  if (!left || threads == nullptr) return;
  const std::uint64_t needed = kBlasBuffer * static_cast<std::uint64_t>(std::max(1, threads()));
  if (*left < needed)
    throw RuntimeFailure(
        "the limit of address space (ulimit -v) leaves {:.0f} MB, expected at least {:.0f} for OpenBLAS with {} "
        "threads; raise it, or set OPENBLAS_NUM_THREADS=1",
        static_cast<double>(*left) / kMegabytes, static_cast<double>(needed) / kMegabytes, threads());
}

}  // namespace pocketstyle

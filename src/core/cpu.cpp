// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/core/cpu.h"

#include <dlfcn.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>  // defines __GLIBC__
#include <fstream>
#include <string_view>
#include <utility>

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#include <malloc.h>
#endif

namespace pocketstyle {

namespace {
/// Whether the environment keeps oneDNN, which runs LibTorch's convolutions, from instructions for bfloat16. It then
/// has none that take it.
bool onednn_is_limited() {
  for (const char* variable : {"ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"})
    if (const char* value = std::getenv(variable)) {
      const std::string_view isa = value;
      return isa.starts_with("SSE") || isa.starts_with("AVX2") || isa == "AVX" || isa == "AVX512_CORE" ||
             isa == "AVX512_CORE_VNNI";
    }
  return false;
}

using SetThreads = void (*)(int);
using GetThreads = int (*)();

/// A function of a library loaded with this program, or null.
template <class Function>
Function loaded(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_DEFAULT, name));
}
}  // namespace

bool cpu_has_bfloat16() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  const bool native = __builtin_cpu_supports("avx512bf16") != 0;
#else
  const bool native = false;
#endif
  return native && !onednn_is_limited();
}

void set_blas_threads(int threads) {
  if (const auto set = loaded<SetThreads>("openblas_set_num_threads")) set(threads);
}

WithoutOpenMp::WithoutOpenMp() {
  const auto get = loaded<GetThreads>("omp_get_max_threads");
  const auto set = loaded<SetThreads>("omp_set_num_threads");
  if (get == nullptr || set == nullptr) return;
  threads_ = get();
  set(1);
}

WithoutOpenMp::~WithoutOpenMp() {
  if (threads_ > 0) loaded<SetThreads>("omp_set_num_threads")(threads_);
}

std::string allocator() {
  using Sign = std::pair<const char*, const char*>;
  for (const auto& [symbol, name] :
       {Sign{"mallctl", "jemalloc"}, Sign{"mi_version", "mimalloc"}, Sign{"MallocExtension_GetStats", "tcmalloc"}})
    if (loaded<void*>(symbol) != nullptr) return name;
#ifdef __GLIBC__
  return std::string("glibc ") + gnu_get_libc_version();
#else
  return "the C library's";
#endif
}

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(std::min(line.find(':') + 2, line.size()));
  return "";
}

SystemWork system_work() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto& time = usage.ru_stime;
  return {usage.ru_minflt + usage.ru_majflt,
          static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec)};
}

std::int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024;  // Linux reports kilobytes
}

#ifdef __GLIBC__
namespace {
constexpr int kMegabyte = 1 << 20;
}

void keep_freed_memory() {
  mallopt(M_MMAP_MAX, 0);         // no separate mappings for large blocks
  mallopt(M_TRIM_THRESHOLD, -1);  // never shrink the heap
  mallopt(M_ARENA_MAX, 1);        // the heaps of other threads would shrink, and hold at most 64 MB
}

void return_freed_memory() {
  // glibc itself raises both, up to these limits, when large blocks are freed.
  mallopt(M_MMAP_MAX, 65536);
  mallopt(M_MMAP_THRESHOLD, 32 * kMegabyte);
  mallopt(M_TRIM_THRESHOLD, 64 * kMegabyte);
  malloc_trim(0);
}
#else
void keep_freed_memory() {}
void return_freed_memory() {}
#endif

}  // namespace pocketstyle

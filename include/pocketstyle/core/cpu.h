// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace pocketstyle {

/// Whether the processor multiplies bfloat16 natively (AVX-512 BF16 or AMX), which halves the time of convolutions, and
/// the environment lets oneDNN do so (ONEDNN_MAX_CPU_ISA).
bool cpu_has_bfloat16();

/// Makes the C library keep freed memory for reuse instead of returning it to the system. Each step allocates and frees
/// tensors of many megabytes, and getting zeroed pages from the system again takes longer than small convolutions. Peak
/// memory does not change, but between peaks the process stays that large. Does nothing where the C library is not
/// glibc.
void keep_freed_memory();

/// Undoes keep_freed_memory(), for measurements.
void return_freed_memory();

/// The memory allocator: "glibc 2.36", or the one loaded in its place, such as "jemalloc".
std::string allocator();

/// Sets the number of threads of OpenBLAS if LibTorch uses it for matrix products and it has its own threads (Debian's
/// libopenblas0-pthread), since it ignores LibTorch's setting. Its number of threads changes the last digits, so
/// without this, results are not reproducible.
void set_blas_threads(int threads);

/// While this object exists, OpenMP runs the calling thread's work on that thread alone. For runtimes with their own
/// threads (XNNPACK): idle OpenMP threads spin while they wait for the next loop and would take cores from them.
class WithoutOpenMp {
 public:
  WithoutOpenMp();
  ~WithoutOpenMp();
  WithoutOpenMp(const WithoutOpenMp&) = delete;
  WithoutOpenMp& operator=(const WithoutOpenMp&) = delete;

 private:
  int threads_ = 0;  ///< previous number; 0: no OpenMP
};

/// The processor's model name, such as "AMD EPYC 9B14"; empty if unknown.
std::string cpu_model();

/// The work that the system did for this process so far: memory pages provided, and total system time.
struct SystemWork {
  std::int64_t page_faults = 0;
  double seconds = 0;  ///< over all cores
};
SystemWork system_work();

/// Peak resident memory of the process so far.
std::int64_t peak_memory_bytes();

}  // namespace pocketstyle

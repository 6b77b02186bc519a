// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace pocketstyle {

/// Whether the processor multiplies bfloat16 natively (AVX-512 BF16 or AMX): convolutions then take half the time.
bool cpu_has_bfloat16();

/// From now on, memory that is freed is kept for the next request instead of going back to the system. Tensors of many
/// megabytes come and go each step, and fetching their pages anew, zeroed, costs more time than small convolutions.
/// The peak of memory does not change; between peaks the process stays as large as it was.
/// Does nothing where the C library is not glibc.
void keep_freed_memory();

/// The C library's own ways again, as a program has them that never called keep_freed_memory(): for measuring.
void return_freed_memory();

/// What memory comes from: "glibc 2.36", or what was loaded in its place, such as "jemalloc".
std::string allocator();

/// Threads of OpenBLAS, if that is what LibTorch multiplies matrices with and if it has threads of its own (Debian's
/// libopenblas0-pthread): it does not hear of the number that LibTorch is set to. How it shares out the work changes
/// the last digits, so a run is a function of its configuration only with this.
void set_blas_threads(int threads);

/// As long as it lives, OpenMP shares nothing of the calling thread's work with other threads. For what has threads of
/// another kind (XNNPACK): OpenMP's wait for the next loop by spinning, on the cores that those then lack.
class WithoutOpenMp {
 public:
  WithoutOpenMp();
  ~WithoutOpenMp();
  WithoutOpenMp(const WithoutOpenMp&) = delete;
  WithoutOpenMp& operator=(const WithoutOpenMp&) = delete;

 private:
  int threads_ = 0;  ///< as before; 0: there is no OpenMP
};

/// What the system calls the processor, such as "AMD EPYC 9B14"; empty where it does not say.
std::string cpu_model();

/// What the system did for this process so far: pages of memory fetched, and the time that it took for all it did.
struct SystemWork {
  std::int64_t page_faults = 0;
  double seconds = 0;  ///< on all cores together
};
SystemWork system_work();

/// The most memory that the process has had in use so far (resident).
std::int64_t peak_memory_bytes();

}  // namespace pocketstyle

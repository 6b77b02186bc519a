// SPDX-License-Identifier: Apache-2.0
// Compiled for processors with AVX-512: 32 registers of 16 floats, of which 12 x 2 hold sums.
#define POCKETSTYLE_LANES 16
#define POCKETSTYLE_ROWS 12
#define POCKETSTYLE_VECTORS 2
#include "nn/winograd_loops.h"

namespace pocketstyle::nn::winograd {

const Kernels& avx512_kernels() {
  return kKernels;
}

}  // namespace pocketstyle::nn::winograd

// SPDX-License-Identifier: Apache-2.0
// Compiled for processors with AVX2 and FMA: 16 registers of 8 floats, of which 6 x 2 hold sums.
#define POCKETSTYLE_LANES 8
#define POCKETSTYLE_ROWS 6
#define POCKETSTYLE_VECTORS 2
#include "nn/winograd_loops.h"

namespace pocketstyle::nn::winograd {

const Kernels& avx2_kernels() {
  return kKernels;
}

}  // namespace pocketstyle::nn::winograd

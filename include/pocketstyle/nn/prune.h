// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/nn/style_net.h"

namespace pocketstyle::nn {

/// Fills `into` with what of `from` fits: everything if both have the same numbers, else structured pruning. Of each
/// level and block the most important channels are taken, in their order; importance is how strongly a channel can
/// speak after its instance norm (weight and bias) times the L2 norm of the kernels that read it (after Li et al.
/// 2017, who take the kernels that write it: a norm follows them here, which cancels their size). Of larger kernels the
/// middle, of more blocks those whose branch has the largest weight are taken. Blocks of another kind than from's are
/// left as they are. Throws UsageError if `into` is wider, or deeper, than `from`.
void copy_or_prune(const StyleNet& from, StyleNet& into);

}  // namespace pocketstyle::nn

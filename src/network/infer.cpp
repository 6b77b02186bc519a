// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/network/infer.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/network/layers.h"

#include <algorithm>

namespace pocketstyle::network {
namespace {

/// The four dimensions of a convolution's weight.
const std::vector<std::int64_t>& conv_sizes(const TensorSizes& tensors, const Layer& layer, const std::string& where) {
  const auto found = tensors.find(layer.weight_name());
  if (found == tensors.end())
    throw DataError("{}: tensor {} is missing, so this is not a fast_neural_style network", where, layer.weight_name());
  if (found->second.size() != 4)
    throw DataError("{}: tensor {}: expected 4 dimensions, found {}", where, found->first, found->second.size());
  return found->second;
}

/// The first layer of the first block.
Layer first_in_block(config::Architecture architecture) {
  architecture.blocks = 1;
  const std::vector<Layer> all = layers(architecture);
  return *std::find_if(all.begin(), all.end(), [](const Layer& layer) { return layer.begins_block; });
}

/// How many convolutions of the first block have the shapes that they would have in `architecture`.
std::int64_t fitting(const TensorSizes& tensors, const config::Architecture& architecture) {
  const std::vector<Layer> all = layers(architecture);
  return std::count_if(all.begin(), all.end(), [&](const Layer& layer) {
    const auto found = tensors.find(layer.weight_name());
    return layer.block == 1 && found != tensors.end() &&
           found->second == std::vector{layer.out, layer.in / layer.groups, layer.kernel, layer.kernel};
  });
}

}  // namespace

config::Architecture infer_architecture(const TensorSizes& tensors, const std::string& where) try {
  config::Architecture found;
  const auto has = [&](const char* layer) { return tensors.contains(Layer{.name = layer}.weight_name()); };
  if (!has("conv2") && !has("deconv2")) found.widths[0] = 0;
  const std::vector<Layer> any = layers(found);  // outside the blocks, names do not depend on the other numbers
  found.kernel = conv_sizes(tensors, any.front(), where)[2];
  for (std::size_t level = found.full_size() ? 0 : 1; level < found.widths.size(); ++level) {
    const auto first = std::find_if(
        any.begin(), any.end(), [&](const Layer& layer) { return layer.level == static_cast<std::int64_t>(level); });
    found.widths[level] = conv_sizes(tensors, *first, where)[0];
  }
  conv_sizes(tensors, any.back(), where);

  const std::string inside = first_in_block(found).weight_name().substr(block_name(1).size());
  found.blocks = 0;
  while (tensors.contains(block_name(found.blocks + 1) + inside)) ++found.blocks;

  config::Architecture best;
  std::int64_t most = -1;
  for (const std::string_view name : config::block_kind_names()) {
    config::Architecture candidate = found;
    candidate.block = config::block_kind_from_string(name);
    if (!config::uses_mid(candidate.block))
      candidate.mid = 0;
    else if (found.blocks > 0)
      candidate.mid = conv_sizes(tensors, first_in_block(candidate), where)[0];
    if (const std::int64_t fit = fitting(tensors, candidate); fit > most) best = candidate, most = fit;
  }
  return best;
} catch (const UsageError& error) {
  throw DataError("{}: its shapes do not match any supported network: {}", where, error.what());
}

}  // namespace pocketstyle::network

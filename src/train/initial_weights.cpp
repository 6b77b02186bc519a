// SPDX-License-Identifier: Apache-2.0
#include "train/initial_weights.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/log.h"
#include "pocketstyle/data/photos.h"
#include "pocketstyle/nn/fit_ends.h"
#include "pocketstyle/nn/model_files.h"
#include "pocketstyle/nn/prune.h"
#include "pocketstyle/nn/shipped_models.h"
#include "pocketstyle/nn/weights.h"

#include <string>

namespace pocketstyle::train {
namespace {

/// The last component of a path that may end with a slash.
std::string name_of(const std::filesystem::path& path) {
  return (path / "").parent_path().filename().string();
}

}  // namespace

run::Init load_initial_weights(const std::filesystem::path& init, const config::DataConfig& data, nn::StyleNet& net) {
  if (init.empty() || init == config::kInitNone) return {};
  const bool base = init == config::kInitBase;
  const auto path = base ? nn::find_base_net(net->architecture) : init;
  if (path.empty()) {
    log()->info("[train] no base network is shipped for {}: starting from random weights",
                config::describe(net->architecture));
    return {};
  }
  const nn::StyleNet begin = nn::load_net(path).net;
  if (base && begin->architecture != net->architecture)
    throw DataError("{}: expected {}, found {}", path.string(), config::describe(net->architecture),
                    config::describe(begin->architecture));
  nn::copy_or_prune(begin, net);
  if (nn::can_fit_ends(begin, net)) nn::fit_ends(begin, net, data::load_reference_photos(data));
  log()->info("[train] starting from {}", path.string());
  return {base ? config::kInitBase : name_of(path), file_sha256(nn::resolve_net_path(path))};
}

}  // namespace pocketstyle::train

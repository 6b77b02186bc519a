// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/nn/shipped_models.h"

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/variable.h"

#include "pocketstyle/nn/weights.h"

#include <cstdlib>

using namespace pocketstyle;
using testing::contains;
using testing::error_of;

TEST_CASE("shipped models are found by style and network, the mini one by the style alone") {
  const testing::TempDir folder;
  const testing::Variable assets("POCKETSTYLE_ASSETS", folder / "third_party");
  for (const char* name : {"waves/mini", "waves/original", "dots/micro"})
    nn::save_net(folder / ("models/" + std::string(name) + ".safetensors"),
                 nn::StyleNet(config::find_preset("micro").architecture), {});
  const auto models = nn::shipped_models();
  REQUIRE(models.size() == 3);
  CHECK(models[0].name() == "dots/micro");
  CHECK(nn::find_model("waves") == folder / "models/waves/mini.safetensors");
  CHECK(nn::find_model("waves/original") == folder / "models/waves/original.safetensors");
  CHECK(contains(error_of([] { nn::find_model("dots"); }), "dots: has no mini network, expected one of dots/micro"));
  CHECK(contains(error_of([] { nn::find_model("waves/min"); }), "did you mean waves/mini?"));
  CHECK(contains(error_of([] { nn::find_model("stars"); }), "no file; shipped styles: dots, waves"));
  CHECK(contains(error_of([] { nn::find_model("../waves/mini"); }), "no shipped model"));
  CHECK(nn::find_model(folder / "models/waves/mini.safetensors") == folder / "models/waves/mini.safetensors");
  // A base network paints no style.
  CHECK(nn::find_base_net(config::find_preset("micro").architecture).empty());
  const auto base = folder / "models/base/micro.safetensors";
  nn::save_net(base, nn::StyleNet(config::find_preset("micro").architecture), {});
  CHECK(nn::find_base_net(config::find_preset("micro").architecture) == base);
  CHECK(nn::find_base_net(config::find_preset("mini").architecture).empty());
  CHECK(nn::find_base_net({5, {16, 32, 60}, config::BlockKind::bottleneck, 5, 32}).empty());
  CHECK(nn::shipped_models().size() == 3);
  CHECK(contains(error_of([] { nn::find_model("base/micro"); }), "no shipped model"));
}

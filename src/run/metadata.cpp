// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/run/metadata.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/json_text.h"

#include <nlohmann/json.hpp>

namespace pocketstyle::run {

std::string architecture_to_json(const config::Architecture& architecture) {
  return json_text(nlohmann::ordered_json{{"kernel", architecture.kernel},
                                          {"widths", architecture.widths},
                                          {"block", config::to_string(architecture.block)},
                                          {"blocks", architecture.blocks},
                                          {"mid", architecture.mid}});
}

config::Architecture architecture_from_json(const std::string& json, const std::string& where) {
  try {
    const auto parsed = nlohmann::json::parse(json);
    config::Architecture architecture;
    architecture.kernel = parsed.at("kernel").get<std::int64_t>();
    architecture.widths = parsed.at("widths").get<std::array<std::int64_t, 3>>();
    architecture.block = config::block_kind_from_string(parsed.at("block").get<std::string>());
    architecture.blocks = parsed.at("blocks").get<std::int64_t>();
    architecture.mid = parsed.at("mid").get<std::int64_t>();
    config::check(architecture);
    return architecture;
  } catch (const nlohmann::json::exception&) {
    throw DataError("{}: invalid {}", where, kArchitectureKey);
  } catch (const UsageError& error) {
    throw DataError("{}: {}", where, error.what());
  }
}

}  // namespace pocketstyle::run

// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/export/describe.h"
#include "pocketstyle/network/layer_table.h"
#include "pocketstyle/network/layers.h"
#include "pocketstyle/nn/model_files.h"
#include "pocketstyle/run/metadata.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>

namespace pocketstyle::cli {
namespace {

using Json = nlohmann::ordered_json;

struct InspectArguments {
  std::string file;
  bool json = false;
  bool tensors = false;
};

/// A metadata text as JSON if it is some, else as a string.
Json parsed(const std::string& text) {
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return value.is_structured() ? value : Json(text);
}

void print_json(const exporting::FileDescription& file, const InspectArguments& arguments) {
  Json json{{"file", arguments.file}, {"kind", file.kind}, {"bytes", file.bytes}, {"sha256", file.sha256}};
  if (file.architecture) {
    json["net"] = Json::parse(run::architecture_to_json(*file.architecture));
    json["net"]["name"] = config::describe(*file.architecture);
    json["parameters"] = network::totals(*file.architecture).parameters;
  }
  for (const auto& [key, value] : file.metadata) json["metadata"][key] = parsed(value);
  if (arguments.tensors) {
    json["tensors"] = Json::object();
    for (const auto& [name, shape] : file.tensors) json["tensors"][name] = shape;
  }
  std::cout << json.dump(2) << "\n";
}

/// One line an entry; what is nested goes below, indented.
void print_entry(const std::string& key, const Json& value, int indent) {
  const std::string label = std::string(static_cast<std::size_t>(indent), ' ') + key;
  if (value.is_object()) {
    std::cout << label << "\n";
    for (const auto& [name, inner] : value.items()) print_entry(name, inner, indent + 2);
    return;
  }
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text.find('\n') != std::string::npos)
    std::cout << fmt::format("{:<20} {} lines; --json shows them\n", label, std::count(text.begin(), text.end(), '\n'));
  else
    std::cout << fmt::format("{:<20} {}\n", label, text);
}

void print_text(const exporting::FileDescription& file, const InspectArguments& arguments) {
  print_entry("kind", file.kind, 0);
  print_entry("size",
              fmt::format("{} ({} bytes)", human_bytes(static_cast<double>(file.bytes)),
                          with_commas(static_cast<long long>(file.bytes))),
              0);
  print_entry("sha256", file.sha256, 0);
  if (file.architecture) {
    const config::Architecture& architecture = *file.architecture;
    print_entry("net", config::describe(architecture), 0);
    print_entry("parameters", with_commas(network::totals(architecture).parameters), 0);
    print_entry("kernel", std::to_string(architecture.kernel), 2);
    print_entry("widths", fmt::format("{}", fmt::join(architecture.widths, "-")), 2);
    print_entry("block", fmt::format("{} x{}", config::to_string(architecture.block), architecture.blocks), 2);
    if (config::uses_mid(architecture.block)) print_entry("mid", std::to_string(architecture.mid), 2);
    print_entry("smallest side", std::to_string(network::min_side(architecture)), 2);
  }
  for (const auto& [key, value] : file.metadata)
    if (key != run::kArchitectureKey) print_entry(key, parsed(value), 0);
  if (!file.tensors.empty()) print_entry("tensors", std::to_string(file.tensors.size()), 0);
  if (arguments.tensors)
    for (const auto& [name, shape] : file.tensors)
      std::cout << fmt::format("  {:<44} [{}]\n", name, fmt::join(shape, ", "));
}

void run_inspect(const InspectArguments& arguments) {
  const exporting::FileDescription file = exporting::describe_file(arguments.file);
  if (arguments.json)
    print_json(file, arguments);
  else
    print_text(file, arguments);
}

}  // namespace

void add_inspect(CLI::App& app) {
  auto arguments = std::make_shared<InspectArguments>();
  CLI::App* command =
      app.add_subcommand("inspect", "Say what a weights, checkpoint or exported file is, and where it comes from");
  command->add_option("file", arguments->file, ".safetensors, .pt, .ptl or .onnx file, or a run folder")->required();
  command->add_flag("--json", arguments->json, "As JSON, for programs");
  command->add_flag("--tensors", arguments->tensors, "List the tensors of a .safetensors or .onnx file");
  command->footer(
      "Examples:\n"
      "  pocketstyle inspect runs/wave\n"
      "  pocketstyle inspect out/wave.ptl --json\n"
      "  pocketstyle inspect runs/wave/final.safetensors --tensors");
  command->callback([arguments] { run_inspect(*arguments); });
}

}  // namespace pocketstyle::cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"
#include "pocketstyle/core/json_text.h"
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

/// Metadata text as parsed JSON if it is valid JSON, else as a string.
Json parsed(const std::string& text) {
  Json value = parse_json<Json>(text);
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
  if (!file.operators.empty()) json["operators"] = file.operators;
  if (file.gpu_obstacles) json["gpu_obstacles"] = *file.gpu_obstacles;
  if (arguments.tensors) {
    json["tensors"] = Json::object();
    for (const auto& [name, shape] : file.tensors) json["tensors"][name] = shape;
  }
  std::cout << json_text(json, 2) << "\n";
}

/// One line per entry; nested entries go below, indented.
void print_entry(const std::string& key, const Json& value, int indent) {
  const std::string label = std::string(static_cast<std::size_t>(indent), ' ') + key;
  if (value.is_object()) {
    std::cout << label << "\n";
    for (const auto& [name, inner] : value.items()) print_entry(name, inner, indent + 2);
    return;
  }
  const std::string text = value.is_string() ? value.get<std::string>() : json_text(value);
  if (text.find('\n') != std::string::npos)
    std::cout << fmt::format("{:<20} {} lines; --json shows them\n", label, std::count(text.begin(), text.end(), '\n'));
  else
    std::cout << fmt::format("{:<20} {}\n", label, text);
}

void print_operators(const exporting::FileDescription& file) {
  if (file.operators.empty()) return;
  std::int64_t count = 0;
  for (const auto& [name, times] : file.operators) count += times;
  print_entry("operators", std::to_string(count), 0);
  for (const auto& [name, times] : file.operators) print_entry(name, std::to_string(times), 2);
  if (!file.gpu_obstacles) return;
  print_entry("runs on GPUs",
              file.gpu_obstacles->empty() ? "as a whole, by the rules of docs/export.md" : "not as a whole", 0);
  for (const std::string& obstacle : *file.gpu_obstacles) std::cout << "  " << obstacle << "\n";
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
  print_operators(file);
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
      app.add_subcommand("inspect", "Describe a weights file, checkpoint or exported file and its origin");
  command->add_option("file", arguments->file, ".safetensors, .pt, .ptl, .onnx or .tflite file, or a run folder")
      ->required();
  command->add_flag("--json", arguments->json, "Print JSON");
  command->add_flag("--tensors", arguments->tensors, "List the tensors of a .safetensors, .onnx or .tflite file");
  command->footer(
      "Examples:\n"
      "  pocketstyle inspect runs/wave\n"
      "  pocketstyle inspect out/wave.ptl --json\n"
      "  pocketstyle inspect out/wave.tflite\n"
      "  pocketstyle inspect runs/wave/final.safetensors --tensors");
  command->callback([arguments] { run_inspect(*arguments); });
}

}  // namespace pocketstyle::cli

// SPDX-License-Identifier: Apache-2.0
#include "workflows/comparison_parts.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/export/describe.h"
#include "pocketstyle/nn/model_files.h"
#include "pocketstyle/run/provenance.h"

namespace pocketstyle::workflows {
namespace fs = std::filesystem;

std::vector<report::Network> describe_subjects(const std::vector<evaluate::Subject>& subjects) {
  std::vector<report::Network> networks;
  for (const evaluate::Subject& subject : subjects) {
    report::Network network{.name = subject.name, .architecture = {}};
    for (const fs::path& file : subject.files) {
      const exporting::FileDescription description = exporting::describe_file(file);
      if (!description.architecture) throw DataError("{}: is {}, not a style network", file.string(), description.kind);
      const bool first = &file == &subject.files.front();
      if (!first && !(*description.architecture == network.architecture))
        throw DataError("{}: is a different network than {}, expected the same one with another seed", file.string(),
                        subject.files.front().string());
      network.architecture = *description.architecture;
      if (first) network.style = run::trained_as(description.metadata).style;
      if (fs::is_directory(file)) network.curves.push_back(report::read_curve(file));
    }
    std::erase_if(network.curves, [](const report::Curve& c) { return c.training.empty() && c.validation.empty(); });
    network.runs = std::ssize(subject.files);
    networks.push_back(std::move(network));
  }
  return networks;
}

}  // namespace pocketstyle::workflows

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "export/onnx.h"
#include "export/parity.h"

#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace pocketstyle::exporting {

/// What int8-static needs: ranges from one half of the photos, and the other half as cases to measure its loss on.
struct Calibration {
  Ranges ranges;
  std::vector<ParityCase> cases;
};

/// Compares exported files with the network that they store. What several files need is made once.
class Verifier {
 public:
  /// All three must outlive it.
  Verifier(const nn::StyleNet& net, const Graph& graph, const ExportOptions& options)
      : net_(net), graph_(graph), options_(options) {}

  /// Of int8_static's files, for which it is measured now; empty for others.
  const Ranges& ranges(Precision precision);
  /// Fills in parity, what the precision costs, the tolerance, and `failure` if it is not kept.
  void verify(ExportResult& result, std::span<const Runtime> runtimes);
  /// What a verified file was compared with. For int8_static: what its first one gave, for other runtimes to come near.
  [[nodiscard]] std::span<const ParityCase> cases(const ExportResult& result) const;

 private:
  /// A network as it is stored, on the pictures of all sizes or of the fixed one.
  struct Stored {
    std::vector<ParityCase> cases;
    double psnr_db = 0;  ///< to the trained one
    double conditioning = 0;
  };
  using Key = std::pair<Precision, bool>;  ///< bool: of the fixed size
  [[nodiscard]] Key key_of(const ExportResult& result) const;
  const Stored& stored(const Key& key);
  void verify_static(ExportResult& result, std::span<const Runtime> runtimes);
  const Calibration& calibration();

  const nn::StyleNet& net_;
  const Graph& graph_;
  const ExportOptions& options_;
  std::map<Key, Stored> stored_;
  std::optional<Calibration> calibration_;
};

}  // namespace pocketstyle::exporting

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

/// Calibration data of int8-static: ranges from one half of the photos, and the other half as cases to measure its
/// loss.
struct Calibration {
  Ranges ranges;
  std::vector<ParityCase> cases;
};

/// Compares exported files with the network that they store. Data that several files need is computed once.
class Verifier {
 public:
  /// All three must outlive it.
  Verifier(const nn::StyleNet& net, const Graph& graph, const ExportOptions& options)
      : net_(net), graph_(graph), options_(options) {}

  /// Ranges for int8_static's files, measured on the first call; empty for others.
  const Ranges& ranges(Precision precision);
  /// Fills in parity, the loss of precision, the tolerance, and `failure` if the tolerance is exceeded.
  void verify(ExportResult& result, std::span<const Runtime> runtimes);
  /// The reference outputs of a verified file. For int8_static: the outputs of its first runtime, which other runtimes
  /// must approximate.
  [[nodiscard]] std::span<const ParityCase> cases(const ExportResult& result) const;

 private:
  /// A network as stored, on the pictures of all sizes or of the fixed one.
  struct Stored {
    std::vector<ParityCase> cases;
    double psnr_db = 0;  ///< against the trained one
    double conditioning = 0;
  };
  using Key = std::pair<Precision, std::int64_t>;  ///< what the pictures' sides are divisible by, or kFixedSize
  static constexpr std::int64_t kFixedSize = 0;
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

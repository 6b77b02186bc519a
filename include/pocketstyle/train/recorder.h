// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/config.h"
#include "pocketstyle/media/image.h"
#include "pocketstyle/run/metrics.h"
#include "pocketstyle/train/observer.h"
#include "pocketstyle/train/tensorboard.h"

#include <torch/torch.h>

#include <optional>
#include <string>
#include <vector>

namespace pocketstyle::train {

/// Writes the run folder's records (docs/formats.md): config.yaml, run.json, metrics.jsonl, TensorBoard events,
/// previews/ and contact_sheet.jpg. When a run is resumed, records after its checkpoint are dropped first.
class Recorder : public Observer {
 public:
  /// `first_step`: steps done when the run starts or resumes; `resumed`: earlier records are kept. `originals`: the
  /// preview photos, RGB 0..255. Throws DataError when the folder cannot be written.
  Recorder(const config::Config& config, std::int64_t first_step, bool resumed,
           const std::vector<torch::Tensor>& originals, const std::string& provenance_json);

  void on_step(const StepReport& report) override;
  void on_validation(std::int64_t step, const run::LossTerms& loss) override;
  void on_preview(std::int64_t step, const std::vector<torch::Tensor>& outputs_nchw255) override;
  void on_plan(const run::PlanRecord& plan, const config::Config& config, const std::string& provenance_json) override;
  void on_rollback(std::int64_t from_step, std::int64_t to_step, const std::string& why) override;

 private:
  void write_description(const config::Config& config, const std::string& provenance_json);
  void write_scalars(const std::string& tag, std::int64_t step, const run::LossTerms& loss);
  void draw_contact_sheet() const;

  config::RunConfig run_;
  std::int64_t first_step_;
  std::optional<run::MetricsWriter> metrics_;
  std::optional<TensorBoardWriter> tensorboard_;
  std::vector<media::Image> originals_;
};

}  // namespace pocketstyle::train

#!/usr/bin/env bash
# Whether bf16 trains as well as fp32: validation losses during training and the seconds until then, of mini on The Starry Night, one
# core per run. Writes docs/benchmarks/precision.txt. After scripts/build.sh, on a processor with AVX-512 BF16; about 10 minutes on 2
# cores. If it is stopped, the same command continues.
#   scripts/bench/precision.sh [STEPS] [SEEDS] [CROP]
. "$(dirname "$0")/../common.sh"
steps=${1:-300}
seeds=${2:-1,2}
crop=${3:-96}
runs=runs/precision
result=docs/benchmarks/precision.txt
mkdir -p "$runs"
"$pocketstyle" sweep configs/models.yaml --set net.preset=mini --set train.init=none --set train.steps="$steps" --set data.crop="$crop" \
  --set run.evaluate_every=$((steps / 6)) --set run.log_every=5 --vary run.precision=fp32,bf16 --seeds "$seeds" \
  -o "$runs" --jobs "$(nproc)" | tee "$runs/sweep.log"
{
  header "mini, $steps steps of configs/models.yaml at crop $crop, one core per run"
  echo
  sweep_table "$runs/sweep.log"
  echo "validation loss by step"
  for run in "$runs"/precision=*/; do
    printf '%-24s' "$(basename "$run")"
    paste -d " " <(grep '"kind":"held_out"' "$run/metrics.jsonl" | json_field step) <(validation_losses "$run/metrics.jsonl") |
      awk '$1 > 0 { printf "  %d: %d", $1, $2 } END { print "" }'
  done
  echo "seconds in steps (every fifth step's, times five)"
  for run in "$runs"/precision=*/; do
    step_seconds "$run/metrics.jsonl" |
      awk -v name="$(basename "$run")" '{ s += $1 } END { printf "%-24s  %.1f\n", name, 5 * s }'
  done
} >$result.new
publish $result

#!/usr/bin/env bash
# Whether bf16 trains as well as fp32: validation losses on the way and the seconds that they took, of mini on The Starry Night, one
# core a run. Writes docs/benchmarks/precision.txt. After scripts/build.sh, on a processor with AVX-512 BF16; about 10 minutes on 2
# cores; stopped, it goes on where it was.
#   scripts/benchmark_precision.sh [STEPS] [SEEDS] [CROP]
set -euo pipefail
cd "$(dirname "$0")/.."
pocketstyle=build/release/src/cli/pocketstyle
steps=${1:-300}
seeds=${2:-1,2}
crop=${3:-96}
runs=runs/precision
mkdir -p "$runs"
"$pocketstyle" sweep configs/models.yaml --set net.preset=mini --set train.steps="$steps" --set data.crop="$crop" \
  --set run.evaluate_every=$((steps / 6)) --set run.log_every=5 --vary run.precision=fp32,bf16 --seeds "$seeds" \
  -o "$runs" --jobs "$(nproc)" | tee "$runs/sweep.log"
{
  echo "scripts/benchmark_precision.sh $steps $seeds $crop: mini, $steps steps of configs/models.yaml at crop $crop"
  echo "$(date +%F), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), one core a run"
  echo
  sed -n '/parameters .*validation loss/,/^$/p' "$runs/sweep.log"
  echo "validation loss by step"
  for run in "$runs"/precision=*/; do
    printf '%-24s' "$(basename "$run")"
    sed -n 's/.*"kind":"held_out","step":\([0-9]*\),.*"total":\([0-9]*\).*/\1 \2/p' "$run/metrics.jsonl" |
      awk '$1 > 0 { printf "  %d: %d", $1, $2 } END { print "" }'
  done
  echo "seconds in steps (every fifth step's, times five)"
  for run in "$runs"/precision=*/; do
    scripts/step_seconds.sh "$run/metrics.jsonl" |
      awk -v name="$(basename "$run")" '{ s += $1 } END { printf "%-24s  %.1f\n", name, 5 * s }'
  done
} >docs/benchmarks/precision.txt

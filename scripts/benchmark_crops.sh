#!/usr/bin/env bash
# Time to a validation loss, with crops of one size and with small ones first: the bottleneck network on The Starry Night, runs of
# several lengths of each, one core a run. Writes docs/benchmarks/crops.txt. After scripts/build.sh; about 20 minutes on 2 cores;
# stopped, it goes on where it was.
#   scripts/benchmark_crops.sh [STEPS] [SEEDS] [SHARES]      such as: scripts/benchmark_crops.sh 200,300,400 1,2 0.5
set -euo pipefail
cd "$(dirname "$0")/.."
pocketstyle=build/release/src/cli/pocketstyle
steps=${1:-200,300,400}
seeds=${2:-1,2}
shares=${3:-0.5}
runs=runs/crops
common=(configs/models.yaml --set run.log_every=5 --set run.evaluate_every=0 --vary train.steps="$steps" --seeds "$seeds"
  --jobs "$(nproc)")
mkdir -p "$runs"
"$pocketstyle" sweep "${common[@]}" -o "$runs/one-size" | tee "$runs/one-size.log"
"$pocketstyle" sweep "${common[@]}" --set data.small_crop=64 --vary data.small_share="$shares" -o "$runs/small-first" |
  tee "$runs/small-first.log"
{
  echo "scripts/benchmark_crops.sh $steps $seeds $shares: bottleneck, configs/models.yaml, crop 128; small first: crop 64 for that"
  echo "share of the steps. Validation photos of 128 px."
  echo "$(date +%F), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), one core a run"
  for part in one-size small-first; do
    printf '\n%s\n' "$part"
    sed -n '/parameters .*validation loss/,/^$/p' "$runs/$part.log"
  done
  echo
  echo "seconds in steps (every fifth step's, times five), mean over seeds"
  for run in "$runs"/*/*-seed"${seeds%%,*}"/; do
    name=${run#"$runs/"}
    scripts/step_seconds.sh "${run%-seed*}"-seed*/metrics.jsonl |
      awk -v name="${name%-seed*}" -v seeds="$(wc -w <<<"${seeds//,/ }")" \
        '{ s += $1 } END { printf "%-44s %7.1f\n", name, 5 * s / seeds }'
  done
} >docs/benchmarks/crops.txt

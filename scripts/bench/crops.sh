#!/usr/bin/env bash
# Time to a validation loss, with crops of one size and with small ones first: the bottleneck network on The Starry Night, runs of
# several lengths of each, one core per run. Writes docs/benchmarks/crops.txt. After scripts/build.sh; about 20 minutes on 2 cores.
# If it is stopped, the same command continues.
#   scripts/bench/crops.sh [STEPS] [SEEDS] [SHARES]      such as: scripts/bench/crops.sh 200,300,400 1,2 0.5
. "$(dirname "$0")/../common.sh"
steps=${1:-200,300,400}
seeds=${2:-1,2}
shares=${3:-0.5}
runs=runs/crops
result=docs/benchmarks/crops.txt
common=(configs/models.yaml --set train.init=none --set run.log_every=5 --set run.evaluate_every=0 --vary train.steps="$steps" --seeds "$seeds"
  --jobs "$(nproc)")
mkdir -p "$runs"
"$pocketstyle" sweep "${common[@]}" -o "$runs/one-size" | tee "$runs/one-size.log"
"$pocketstyle" sweep "${common[@]}" --set data.small_crop=64 --vary data.small_share="$shares" -o "$runs/small-first" |
  tee "$runs/small-first.log"
{
  header "bottleneck, configs/models.yaml, crop 128, one core per run"
  echo "Small first: crop 64 for that share of the steps. Validation photos of 128 px."
  for part in one-size small-first; do
    printf '\n%s\n' "$part"
    sweep_table "$runs/$part.log"
  done
  echo
  echo "seconds in steps (every fifth step's, times five), mean over seeds"
  for run in "$runs"/*/*-seed"${seeds%%,*}"/; do
    name=${run#"$runs/"}
    step_seconds "${run%-seed*}"-seed*/metrics.jsonl |
      awk -v name="${name%-seed*}" -v seeds="$(wc -w <<<"${seeds//,/ }")" \
        '{ s += $1 } END { printf "%-44s %7.1f\n", name, 5 * s / seeds }'
  done
} >$result.new
publish $result

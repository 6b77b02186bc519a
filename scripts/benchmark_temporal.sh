#!/usr/bin/env bash
# Writes docs/benchmarks/temporal.txt: what the temporal term does to flicker, and what it costs in validation loss and time.
# Short runs on small crops, one thread each, one after the other. After scripts/build.sh; about 10 minutes on an idle core.
#   scripts/benchmark_temporal.sh [WEIGHTS] [SEEDS] [STEPS]      weights: 0 first, commas between
set -euo pipefail
cd "$(dirname "$0")/.."
pocketstyle=${POCKETSTYLE:-build/release/src/cli/pocketstyle}
weights=${1:-0,100}
seeds=${2:-1,2}
steps=${3:-150}
runs=runs/temporal
export OMP_NUM_THREADS=1
arguments=(configs/demo.yaml --set data.crop=64 --set data.window_max=120 --set data.held_out_size=128 --set style.size=128
  --set train.steps="$steps" --set run.threads=1 --set run.precision=fp32 --set run.evaluate_every=0 --set run.preview_every=0
  --set run.checkpoint_every=1000 --set run.log_every=1 --vary temporal.weight="$weights" --seeds "$seeds")
"$pocketstyle" sweep "${arguments[@]}" -o "$runs" --jobs 1
subjects=()
for weight in ${weights//,/ }; do
  files=$(for seed in ${seeds//,/ }; do printf '%s/weight=%s-seed%s,' "$runs" "$weight" "$seed"; done)
  subjects+=("weight-$weight=${files%,}")
done
{
  echo "$(date -u +%F), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), 1 thread"
  echo "\$ pocketstyle sweep ${arguments[*]}"
  echo "\$ pocketstyle evaluate ${subjects[*]}"
  "$pocketstyle" evaluate "${subjects[@]}" --config "$runs/weight=${weights%%,*}-seed${seeds%%,*}/config.yaml" --threads 1 |
    grep -E 'weight-|better|content|style|total loss|SSIM|flicker|Over'
  echo
  echo "seconds a step: fastest, median"
  for run in "$runs"/weight=*-seed*/; do
    scripts/step_seconds.sh "$run/metrics.jsonl" | sort -n |
      awk -v name="$(basename "$run")" '{ a[NR] = $1 } END { printf "%-24s %.3f  %.3f\n", name, a[1], a[int((NR + 1) / 2)] }'
  done
} >docs/benchmarks/temporal.txt.new
mv docs/benchmarks/temporal.txt.new docs/benchmarks/temporal.txt
echo docs/benchmarks/temporal.txt

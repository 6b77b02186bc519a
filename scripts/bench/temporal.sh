#!/usr/bin/env bash
# The effect of the temporal term on flicker, and its cost in validation loss and time. Writes docs/benchmarks/temporal.txt. Short
# runs on small crops, one thread each, one after the other. After scripts/build.sh; about 10 minutes on an idle core.
#   scripts/bench/temporal.sh [WEIGHTS] [SEEDS] [STEPS]      weights: 0 first, separated by commas
. "$(dirname "$0")/../common.sh"
weights=${1:-0,100}
seeds=${2:-1,2}
steps=${3:-150}
runs=runs/temporal
result=docs/benchmarks/temporal.txt
export OMP_NUM_THREADS=1
sweep=(configs/demo.yaml --set data.crop=64 --set data.window_max=120 --set data.held_out_size=128 --set style.size=128
  --set train.init=none --set train.steps="$steps" --set run.threads=1 --set run.precision=fp32 --set run.evaluate_every=0 --set run.preview_every=0
  --set run.checkpoint_every=1000 --set run.log_every=1 --vary temporal.weight="$weights" --seeds "$seeds")
"$pocketstyle" sweep "${sweep[@]}" -o "$runs" --jobs 1
subjects=()
for weight in ${weights//,/ }; do
  files=$(for seed in ${seeds//,/ }; do printf '%s/weight=%s-seed%s,' "$runs" "$weight" "$seed"; done)
  subjects+=("weight-$weight=${files%,}")
done
{
  header "1 thread"
  echo "\$ pocketstyle sweep ${sweep[*]}"
  echo "\$ pocketstyle evaluate ${subjects[*]}"
  "$pocketstyle" evaluate "${subjects[@]}" --config "$runs/weight=${weights%%,*}-seed${seeds%%,*}/config.yaml" --threads 1 |
    grep -E 'weight-|better|content|style|total loss|SSIM|flicker|Over'
  echo
  echo "seconds per step: fastest, median"
  for run in "$runs"/weight=*-seed*/; do
    step_seconds "$run/metrics.jsonl" | sort -n |
      awk -v name="$(basename "$run")" '{ a[NR] = $1 } END { printf "%-24s %.3f  %.3f\n", name, a[1], a[int((NR + 1) / 2)] }'
  done
} >$result.new
publish $result

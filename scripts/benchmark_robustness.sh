#!/usr/bin/env bash
# How steadily the bottleneck network trains, with and without clipping and the output layer's own rate: held-out loss after
# a short run on small crops, from ten seeds. Writes docs/benchmarks/robustness.txt. After scripts/build.sh; about 10
# minutes on 2 cores; stopped, it goes on where it was.
#   scripts/benchmark_robustness.sh [SEEDS] [STEPS]
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=${1:-10}
steps=${2:-100}
runs=runs/robustness
arguments=(configs/demo.yaml --set data.crop=64 --set data.window_max=120 --set data.held_out_size=64 --set style.size=128
  --set train.steps="$steps" --set run.evaluate_every=0 --set run.preview_every=0 --set run.checkpoint_every=1000
  --vary net.preset=bottleneck --vary train.clip=0,2e5 --vary train.output_fan_in=0,300 --seeds "$(seq -s, "$seeds")")
build/release/src/cli/pocketstyle sweep "${arguments[@]}" -o "$runs" --parallel "$(nproc)" | tee "$runs.log"
{
  echo "pocketstyle sweep ${arguments[*]}"
  echo "$(date +%F), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), one core a run"
  sed -n '/parameters .*GMAC/,/^$/p' "$runs.log"
  echo "rollbacks: $(cat "$runs"/*/metrics.jsonl | grep -c '"rollback"' || true)"
} >docs/benchmarks/robustness.txt

#!/usr/bin/env bash
# How reliably the bottleneck network trains, with and without clipping and the output layer's own learning rate, and the original
# and mini beside it with the defaults: validation loss after a short run on small crops, from ten seeds. Writes
# docs/benchmarks/robustness.txt. After scripts/build.sh; about 15 minutes on 2 cores. If it is stopped, the same command continues.
#   scripts/bench/robustness.sh [SEEDS] [STEPS]
. "$(dirname "$0")/../common.sh"
seeds=${1:-10}
steps=${2:-60}
runs=runs/robustness
result=docs/benchmarks/robustness.txt
common=(configs/demo.yaml --set data.crop=64 --set data.window_max=120 --set data.held_out_size=64 --set style.size=128
  --set train.init=none --set train.steps="$steps" --set run.evaluate_every=0 --set run.preview_every=0 --set run.checkpoint_every=1000
  --seeds "$(seq -s, "$seeds")")
bottleneck=(--vary net.preset=bottleneck --vary train.clip=0,2 --vary train.output_fan_in=0,300)
others=(--vary net.preset=original,mini)
mkdir -p "$runs"
sweep() { "$pocketstyle" sweep "${common[@]}" "${@:2}" -o "$runs/$1" --jobs "$(nproc)" | tee "$runs/$1.log"; }
sweep bottleneck "${bottleneck[@]}"
sweep others "${others[@]}"
{
  header "one core per run"
  for part in "bottleneck ${bottleneck[*]}" "others ${others[*]}"; do
    printf '\npocketstyle sweep %s %s\n' "${common[*]}" "${part#* }"
    sweep_table "$runs/${part%% *}.log"
    echo "rollbacks: $(cat "$runs/${part%% *}"/*/metrics.jsonl | grep -c '"rollback"' || true)"
  done
} >$result.new
publish $result

#!/usr/bin/env bash
# The networks compared on one style: the same few steps for all, from several seeds. Writes
# docs/benchmarks/networks_STYLE.txt, the validation losses and the gain from distilling and pruning, and networks_STYLE.md, the
# report with every metric, and sizes and speed of the exported files. After scripts/build.sh; one to two hours of one core per
# style by default. If it is stopped, the same command continues.
#   scripts/bench/networks.sh STYLE [SEEDS] [STEPS] [CROP]     such as: scripts/bench/networks.sh mosaic
. "$(dirname "$0")/../common.sh"
style=${1:?networks.sh STYLE [SEEDS] [STEPS] [CROP]}
seeds=${2:-3}
steps=${3:-150}
crop=${4:-96}
runs=runs/networks
result=docs/benchmarks/networks_$style.txt
mkdir -p "$runs"
common=(--set train.steps="$steps" --set data.crop="$crop" --jobs "$(nproc)")

"$pocketstyle" sweep configs/models.yaml --set train.init=none --vary net.preset=original,bottleneck,slim,mini,micro --seeds "$(seq -s, "$seeds")" \
  --set style.image="third_party/styles/$style.jpg" "${common[@]}" -o "$runs/$style" | tee "$runs/$style.log"
"$pocketstyle" compress "$runs/$style/preset=original-seed1" --to mini,micro --method distil,prune,prune-distil \
  "${common[@]}" -o "$runs/$style-compressed" | tee "$runs/$style-compressed.log"
# A pruned network's training comes on top of the one that it began with.
"$pocketstyle" sweep configs/models.yaml --set train.init=none --vary net.preset=mini,micro --set style.image="third_party/styles/$style.jpg" \
  --set run.seed=1 "${common[@]}" --set train.steps=$((2 * steps)) -o "$runs/$style-twice" | tee "$runs/$style-twice.log"

networks=()
for net in original bottleneck slim mini micro; do
  networks+=("$net=$(seq -s, -f "$runs/$style/preset=$net-seed%g" "$seeds")")
done
"$pocketstyle" report --compare "${networks[@]}" -o "docs/benchmarks/networks_$style.md" --force

{
  header "$steps steps of configs/models.yaml at crop $crop, one core per run"
  printf 'validation loss: mean, standard deviation and range over seeds\n\n'
  sweep_table "$runs/$style.log"
  printf 'seed 1, with the original above as the teacher or the start\n'
  sweep_table "$runs/$style-compressed.log"
  printf 'seed 1, trained from scratch for %s steps\n' $((2 * steps))
  sweep_table "$runs/$style-twice.log"
} >"$result.new"
publish "$result"

#!/usr/bin/env bash
# The networks side by side: the same few steps for all, from several seeds, on two styles. Held-out losses, and what
# distilling and pruning add, in docs/benchmarks/networks.txt; the report on each style, with sizes and speed of the exported
# files, in docs/benchmarks/networks_STYLE.md. After scripts/build.sh; about an hour of one core by default; stopped, it goes on where it was.
#   scripts/compare_networks.sh [SEEDS] [STEPS] [CROP]
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=${1:-3}
steps=${2:-150}
crop=${3:-96}
pocketstyle=build/release/src/cli/pocketstyle
runs=runs/networks
mkdir -p "$runs"
common=(--set train.steps="$steps" --set data.crop="$crop" --parallel "$(nproc)")

for style in starry_night mosaic; do
  "$pocketstyle" sweep configs/models.yaml --vary net.preset=original,bottleneck,slim,mini,micro \
    --seeds "$(seq -s, "$seeds")" --set style.image="third_party/styles/$style.jpg" "${common[@]}" \
    -o "$runs/$style" | tee "$runs-$style.log"
done
"$pocketstyle" compress "$runs/starry_night/preset=original-seed1" --to mini,micro --method distil,prune,prune-distil \
  "${common[@]}" -o "$runs/compressed" | tee "$runs-compressed.log"

for style in starry_night mosaic; do
  networks=()
  for net in original bottleneck slim mini micro; do
    networks+=("$net=$(seq -s, -f "$runs/$style/preset=$net-seed%g" "$seeds")")
  done
  "$pocketstyle" report --compare "${networks[@]}" -o "docs/benchmarks/networks_$style.md" --force
done

table() { sed -n '/parameters .*held-out loss/,/^$/p' "$1"; }
{
  echo "scripts/compare_networks.sh $seeds $steps $crop: $steps steps of configs/models.yaml at crop $crop, one core a run"
  echo "$(date +%F), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1); held-out loss: mean, standard deviation and range over seeds"
  for style in starry_night mosaic; do
    printf '\n%s\n' "$style"
    table "$runs-$style.log"
  done
  printf 'starry_night, seed 1, with the original of above as the teacher or the start\n'
  table "$runs-compressed.log"
} >docs/benchmarks/networks.txt

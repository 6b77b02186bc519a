#!/usr/bin/env bash
# Trains the models that are shipped in models/, each on one core, and puts them there with their records: original and
# bottleneck from scratch, mini and micro from the original's most important channels, with as many steps again. After
# scripts/build.sh. About 15 minutes per style on 2 cores. If it is stopped, the same command continues.
#   scripts/release/train_models.sh STYLE      such as: scripts/release/train_models.sh mosaic
. "$(dirname "$0")/../common.sh"
style=${1:?train_models.sh STYLE}
runs=runs/models/$style

"$pocketstyle" sweep configs/models.yaml --vary net.preset=original,bottleneck --set style.image="third_party/styles/$style.jpg" \
  -o "$runs" --jobs "$(nproc)"
"$pocketstyle" compress "$runs/preset=original" --to mini,micro --method prune -o "$runs/pruned" --jobs "$(nproc)"

mkdir -p "models/$style"
for run in "$runs"/preset=*/ "$runs"/pruned/*_prune/; do
  net=$(basename "$run" | sed 's/^preset=//; s/_prune$//')
  cp "$run/final.safetensors" "models/$style/$net.safetensors"
  # Paths in a configuration are relative to it.
  sed "s|$root/runs/models/$style/preset=original|original.safetensors|; s|$root/|../../|" "$run/config.yaml" >"models/$style/$net.yaml"
  cp "$run/metrics.jsonl" "models/$style/$net.jsonl"
done

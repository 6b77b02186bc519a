#!/usr/bin/env bash
# Trains the models that are shipped in models/, each on one core, and puts them there with their records. After
# scripts/build.sh. About 15 minutes a style on 2 cores; stopped, it goes on where it was.
#   scripts/train_models.sh STYLE [NETS]     such as: scripts/train_models.sh mosaic original,bottleneck,mini,micro
set -euo pipefail
cd "$(dirname "$0")/.."
style=${1:?train_models.sh STYLE [NETS]}
nets=${2:-original,bottleneck,mini,micro}
pocketstyle=build/release/src/cli/pocketstyle
runs=runs/models/$style

"$pocketstyle" sweep configs/models.yaml --vary net.preset="$nets" --set style.image="third_party/styles/$style.jpg" \
  -o "$runs" --parallel "$(nproc)"
mkdir -p "models/$style"
for net in ${nets//,/ }; do
  run=$runs/preset=$net
  cp "$run/final.safetensors" "models/$style/$net.safetensors"
  # Paths in a configuration are relative to it.
  sed "s|$PWD/|../../|" "$run/config.yaml" >"models/$style/$net.yaml"
  cp "$run/metrics.jsonl" "models/$style/$net.jsonl"
done

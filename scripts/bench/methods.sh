#!/usr/bin/env bash
# What training alone, distilling and pruning give in the same few steps: mini and micro from the shipped original network of a style, whose
# run scripts/release/train_models.sh left. Writes docs/benchmarks/methods_STYLE.txt. About 5 minutes on two cores per style. If it is
# stopped, the same command continues.
#   scripts/bench/methods.sh STYLE [STEPS] [CROP]     such as: scripts/bench/methods.sh mosaic
. "$(dirname "$0")/../common.sh"
style=${1:?methods.sh STYLE [STEPS] [CROP]}
steps=${2:-200}
crop=${3:-128}
run=runs/models/$style/original
result=docs/benchmarks/methods_$style.txt
[ -f "$run/final.safetensors" ] || die "$run: not there; run scripts/release/train_models.sh first"
mkdir -p runs/methods
"$pocketstyle" compress "$run" --to mini,micro --method scratch,distil,prune,prune-distil --set train.steps="$steps" \
  --set data.crop="$crop" --jobs "$(nproc)" -o "runs/methods/$style" | tee "runs/methods/$style.log"
{
  header "$steps steps of configs/models.yaml at crop $crop, one photo each, one core a run, seed 1"
  sweep_table "runs/methods/$style.log"
} >"$result.new"
publish "$result"

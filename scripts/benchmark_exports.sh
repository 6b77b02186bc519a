#!/usr/bin/env bash
# Writes docs/benchmarks/exports.md: what each target and precision of the original, bottleneck and mini networks weighs,
# how long it loads and takes, how exact it is. After scripts/build.sh; needs Node 20. About 20 minutes on 2 cores.
#   scripts/benchmark_exports.sh [ORIGINAL BOTTLENECK MINI]    run folders or weights; default: trained a few steps here
set -euo pipefail
cd "$(dirname "$0")/.."
pocketstyle=build/release/src/cli/pocketstyle
work=build/benchmark
repeats=${REPEATS:-7}
networks=(original bottleneck mini)
(cd examples/node && npm ci --silent --no-audit --no-fund)
rm -rf "$work"
mkdir -p "$work" docs/benchmarks

for i in 0 1 2; do
  name=${networks[i]}
  network=${*:i+1:1}
  if [ -z "$network" ]; then
    network=$work/$name-run
    "$pocketstyle" train configs/demo.yaml --set net.preset="$name" --set train.steps=40 --set train.warmup=10 \
      --set data.crop=64 --set data.window_max=96 --set data.held_out_size=64 --set run.evaluate_every=40 \
      --set run.folder="$network" >"$work/$name.log" 2>&1
  fi
  "$pocketstyle" export "$network" -o "$work" --name "$name" --precision all --force >/dev/null
  "$pocketstyle" export "$network" -o "$work" --name "$name.plain" --format pt,ptl --lowering none --force >/dev/null
  "$pocketstyle" export "$network" -o "$work" --name "$name" --format safetensors --force >/dev/null
  "$pocketstyle" export "$network" -o "$work" --name "$name.cpu" --format pt --lowering cpu --force >/dev/null
done

# The networks take turns within one file kind, so that the ratios among them hold.
for kind in safetensors plain.pt cpu.pt plain.ptl ptl fp16.ptl int8.ptl onnx fp16.onnx int8.onnx u8.onnx rgba.onnx; do
  files=("${networks[@]/%/.$kind}")
  case $kind in u8.onnx | rgba.onnx) ;; *) "$pocketstyle" bench stylize "${files[@]/#/$work/}" --size 256,512 --threads 1,2 \
    --repeats "$repeats" --json >"$work/$kind.libtorch.json" ;; esac
  case $kind in *onnx) node examples/node/bench.mjs "${files[@]/#/$work/}" --size 256,512 --threads 1,2 --repeats "$repeats" --json >"$work/$kind.ort.json" ;; esac
done
node scripts/exports_table.mjs "$work" "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)" >docs/benchmarks/exports.md
echo "docs/benchmarks/exports.md"

#!/usr/bin/env bash
# What the networks weigh and take as exported files: C_r and S_r of every preset against the original, in LibTorch and in ONNX
# Runtime. Writes docs/benchmarks/compression.md. Weights do not matter here, so each is trained for one step. After
# scripts/build.sh; needs Node 20. About 10 minutes on 2 quiet cores.
#   scripts/benchmark_compression.sh
set -euo pipefail
cd "$(dirname "$0")/.."
pocketstyle=build/release/src/cli/pocketstyle
work=build/benchmark_compression
repeats=${REPEATS:-9}
networks=(original bottleneck slim mini micro)
(cd examples/node && npm ci --silent --no-audit --no-fund)
rm -rf "$work"
mkdir -p "$work"
for net in "${networks[@]}"; do
  "$pocketstyle" train configs/demo.yaml --set net.preset="$net" --set train.steps=1 --set train.warmup=0 --set data.crop=64 \
    --set data.window_max=96 --set data.held_out_size=64 --set run.folder="$work/$net-run" >"$work/$net.log" 2>&1
  "$pocketstyle" export "$work/$net-run" -o "$work" --name "$net" --format ptl,onnx >/dev/null
  "$pocketstyle" export "$work/$net-run" -o "$work" --name "$net" --format pt --lowering cpu >/dev/null
done
# The networks take turns within one file kind, so that the ratios among them hold.
for kind in pt ptl; do
  files=("${networks[@]/%/.$kind}")
  "$pocketstyle" bench stylize "${files[@]/#/$work/}" --size 256,512 --threads 1,2 --repeats "$repeats" --json \
    >"$work/$kind.json"
done
files=("${networks[@]/%/.onnx}")
node examples/node/bench.mjs "${files[@]/#/$work/}" --size 256,512 --threads 1,2 --repeats "$repeats" --json >"$work/onnx.json"
for net in "${networks[@]}"; do "$pocketstyle" report "$net" --format json >"$work/$net.report.json"; done
node scripts/compression_table.mjs "$work" "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)" "${networks[@]}" >docs/benchmarks/compression.md
echo "docs/benchmarks/compression.md"

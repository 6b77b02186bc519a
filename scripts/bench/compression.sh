#!/usr/bin/env bash
# Size and speed of the networks as exported files: C_r and S_r of every preset against the original, in LibTorch and in ONNX
# Runtime. Writes docs/benchmarks/compression.md. Weights do not matter here, so each is trained for one step. After
# scripts/build.sh; needs Node. About 10 minutes on 2 idle cores.
#   scripts/bench/compression.sh      REPEATS=9 from the environment
. "$(dirname "$0")/../common.sh"
work=build/benchmark_compression
result=docs/benchmarks/compression.md
repeats=${REPEATS:-9}
networks=(original bottleneck slim mini micro pocket)
install_node_examples
rm -rf "$work"
for net in "${networks[@]}"; do
  train_briefly "$work/$net-run" 1 --set net.preset="$net"
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
node scripts/bench/compression_table.mjs "$work" "$(header)" "${networks[@]}" >$result.new
publish $result

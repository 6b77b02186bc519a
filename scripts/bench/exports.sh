#!/usr/bin/env bash
# Size, load time, speed and exactness of each target and precision of the original, bottleneck and mini networks. Writes
# docs/benchmarks/exports.md. After scripts/build.sh; needs Node 20. About 20 minutes on 2 cores.
#   scripts/bench/exports.sh [ORIGINAL BOTTLENECK MINI]    run folders or weights; default: trained for a few steps here
. "$(dirname "$0")/../common.sh"
work=build/benchmark
result=docs/benchmarks/exports.md
repeats=${REPEATS:-7}
networks=(original bottleneck mini)
install_node_examples
rm -rf "$work"
mkdir -p "$work"

for i in 0 1 2; do
  name=${networks[i]}
  network=${*:i+1:1}
  if [ -z "$network" ]; then
    network=$work/$name-run
    train_briefly "$network" 40 --set net.preset="$name"
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
node scripts/bench/exports_table.mjs "$work" "$(header)" "${networks[@]}" >$result.new
publish $result

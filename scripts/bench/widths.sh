#!/usr/bin/env bash
# Latency of small networks with other numbers of channels than the presets': what to choose for a phone is the time that a runtime takes,
# which parameters and products do not tell. One thread, 256x256. Weights do not matter here, so each is trained for one step. Writes
# docs/benchmarks/widths.md. After scripts/build.sh; needs Node. About 6 minutes on 2 idle cores.
#   scripts/bench/widths.sh      REPEATS=9 from the environment
. "$(dirname "$0")/../common.sh"
work=build/benchmark_widths
result=docs/benchmarks/widths.md
repeats=${REPEATS:-9}
# NAME: KEYS. The first is what the others are compared with.
networks=(
  'original: preset=original'
  'mini: preset=mini'
  'micro: preset=micro'
  'mini, 16-16-96: preset=mini widths=[16,16,96]'
  'mini, 16-32-96: preset=mini widths=[16,32,96]'
  'mini, 8-24-96: preset=mini widths=[8,24,96]'
  'mini, 16-32-64: preset=mini widths=[16,32,64]'
  'micro, separable blocks: preset=micro block=separable'
  'micro, 16-32-64: preset=micro widths=[16,32,64]'
  'micro, 8-16-64: preset=micro widths=[8,16,64]'
  'micro, no full size, 0-32-64: preset=micro widths=[0,32,64] kernel=7'
  'mini, no full size, 0-24-96: preset=mini widths=[0,24,96] kernel=7'
  'mini, no full size, 0-32-96: preset=mini widths=[0,32,96] kernel=7'
)
install_node_examples
rm -rf "$work"
files=()
for i in "${!networks[@]}"; do
  settings=()
  for key in ${networks[$i]#*: }; do settings+=(--set "net.$key"); done
  train_briefly "$work/$i-run" 1 --set train.init=none "${settings[@]}"
  "$pocketstyle" export "$work/$i-run" -o "$work" --name "$i" --format ptl,onnx >/dev/null
  "$pocketstyle" report "$work/$i-run" --format json >"$work/$i.report.json"
  files+=("$work/$i")
done
"$pocketstyle" bench stylize "${files[@]/%/.ptl}" --size 256 --threads 1 --repeats "$repeats" --json >"$work/ptl.json"
node examples/node/bench.mjs "${files[@]/%/.onnx}" --size 256 --threads 1 --repeats "$repeats" --json >"$work/onnx.json"
node scripts/bench/widths_table.mjs "$work" "$(header)" "${networks[@]%%: *}" >$result.new
publish $result

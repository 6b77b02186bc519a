#!/usr/bin/env bash
# Writes docs/benchmarks/stylize.txt: how long a picture takes in the original, bottleneck, slim, mini and micro networks, run by
# this program and as exported files. After scripts/build.sh; about 8 minutes on 2 cores, which want to be idle.
#   scripts/benchmark_exports.sh has every export and precision, and ONNX Runtime.
set -euo pipefail
cd "$(dirname "$0")/.."
pocketstyle=$PWD/build/release/src/cli/pocketstyle
work=build/benchmark_speed
repeats=${REPEATS:-7}
mkdir -p "$work" docs/benchmarks
networks=(original bottleneck slim mini micro)

for name in "${networks[@]}"; do
  [ -e "$work/$name.onnx" ] && continue
  "$pocketstyle" train configs/demo.yaml --set net.preset="$name" --set train.steps=4 --set train.warmup=1 --set data.crop=64 \
    --set data.window_max=96 --set data.held_out_size=64 --set data.held_out_photos=1 --set run.folder="$work/$name" >"$work/$name.log" 2>&1
  "$pocketstyle" export "$work/$name" -o "$work" --name "$name" --format ptl,onnx --force >/dev/null
  "$pocketstyle" export "$work/$name" -o "$work" --name "$name.plain" --format pt --lowering none --force >/dev/null
  "$pocketstyle" export "$work/$name" -o "$work" --name "$name.cpu" --format pt --lowering cpu --force >/dev/null
done
cd "$work"
bench() {
  echo "\$ pocketstyle bench stylize $*"
  "$pocketstyle" bench stylize --repeats "$repeats" "$@"
  echo
}
{
  echo "$(date -u +%F), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $(nproc) cores"
  echo
  bench "${networks[@]}" --size 256,512 --threads 1,2
  for kind in plain.pt cpu.pt ptl onnx; do bench original.$kind bottleneck.$kind mini.$kind --size 256,512 --threads 1,2; done
  repeats=3
  bench "${networks[@]}" --size 1080x1920 --threads 1,2
} >../../docs/benchmarks/stylize.txt.new
mv ../../docs/benchmarks/stylize.txt.new ../../docs/benchmarks/stylize.txt
echo docs/benchmarks/stylize.txt

#!/usr/bin/env bash
# Milliseconds per picture of the preset networks, run by this program and as exported files.
# Writes docs/benchmarks/stylize.txt. After scripts/build.sh; about 8 minutes on 2 idle cores. scripts/bench/exports.sh has every
# export and precision, and ONNX Runtime.
#   scripts/bench/stylize.sh      REPEATS=7 from the environment
. "$(dirname "$0")/../common.sh"
work=build/benchmark_speed
result=$root/docs/benchmarks/stylize.txt
repeats=${REPEATS:-7}
networks=(original bottleneck slim mini micro pocket)

for name in "${networks[@]}"; do
  [ -e "$work/$name.onnx" ] && continue
  train_briefly "$work/$name" 4 --set net.preset="$name" --set data.held_out_photos=1
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
  header
  echo
  bench "${networks[@]}" --size 256,512 --threads 1,2
  for kind in plain.pt cpu.pt ptl onnx; do bench original.$kind bottleneck.$kind mini.$kind --size 256,512 --threads 1,2; done
  repeats=3
  bench "${networks[@]}" --size 1080x1920 --threads 1,2
} >"$result.new"
publish "$result"

#!/usr/bin/env bash
# Where the time of a training step goes: perf's samples of a few steps at crop 256, by library and by function. Writes
# docs/benchmarks/profile.txt. Needs perf (Debian: linux-perf). After scripts/build.sh; about three minutes.
#   scripts/bench/profile.sh [STEPS]
. "$(dirname "$0")/../common.sh"
steps=${1:-15}
result=docs/benchmarks/profile.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
shares() { # shares FIELD COUNT
  perf report -i "$work/data" --sort "$1" --stdio 2>/dev/null | grep -E '^ +[0-9]' | sed 's/ tid [0-9]*//; s/ *- *-* *$//' | sed -n "1,$2p"
}
{
  header "$steps steps of configs/starry_night.yaml (batch 4, crop 256), one thread"
  echo "[JIT]: the loops that oneDNN generates, convolutions nearly all"
  for net in original mini; do
    perf record -q -F 199 -o "$work/data" -- "$pocketstyle" train configs/starry_night.yaml --set net.preset="$net" \
      --set train.steps="$steps" --set train.warmup=0 --set data.held_out= --set run.threads=1 --set run.folder="$work/$net" >/dev/null
    printf '\n%s, by library\n' "$net"
    shares dso 8
    printf '\n%s, by function, outside of [JIT]\n' "$net"
    shares symbol 400 | grep -v ' 0x0' | sed -n 1,16p
  done
} >$result.new
publish $result

#!/usr/bin/env bash
# Writes docs/benchmarks/training.txt: training steps against the loop as people write it, per network, thread count, crop
# and batch, and every convolution's speed. After scripts/build.sh; about 10 minutes on 2 cores, which want to be idle.
set -euo pipefail
cd "$(dirname "$0")/.."
pocketstyle=build/release/src/cli/pocketstyle
repeats=${REPEATS:-7}
mkdir -p docs/benchmarks

bench() {
  echo "\$ pocketstyle bench train configs/starry_night.yaml $*"
  "$pocketstyle" bench train configs/starry_night.yaml --repeats "$repeats" "$@"
  echo
}
{
  echo "$(date -u +%F), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $(nproc) cores; $("$pocketstyle" --version)"
  echo
  for preset in original bottleneck mini; do bench --baseline --both --set net.preset=$preset; done
  bench --baseline --both --set run.threads=1
  for crop in 128 384; do bench --set data.crop=$crop --set data.window_max=400; done
  for batch in 1 8; do bench --set train.batch=$batch; done
  echo "\$ pocketstyle bench ops bottleneck"
  "$pocketstyle" bench ops bottleneck --repeats 3
} >docs/benchmarks/training.txt.new
mv docs/benchmarks/training.txt.new docs/benchmarks/training.txt
echo docs/benchmarks/training.txt

#!/usr/bin/env bash
# Training steps against the loop as people write it, per network, thread count, crop and batch, and every convolution's speed.
# Writes docs/benchmarks/training.txt. After scripts/build.sh; about 10 minutes on 2 idle cores.
#   scripts/bench/training.sh      REPEATS=7 from the environment
. "$(dirname "$0")/../common.sh"
result=docs/benchmarks/training.txt
repeats=${REPEATS:-7}

bench() {
  echo "\$ pocketstyle bench train configs/starry_night.yaml $*"
  "$pocketstyle" bench train configs/starry_night.yaml --repeats "$repeats" "$@"
  echo
}
{
  header "" "$("$pocketstyle" --version)"
  echo
  for preset in original bottleneck mini; do bench --baseline --both --set net.preset=$preset; done
  bench --baseline --both --set run.threads=1
  for crop in 128 384; do bench --set data.crop=$crop --set data.window_max=400; done
  for batch in 1 8; do bench --set train.batch=$batch; done
  echo "\$ pocketstyle bench ops bottleneck"
  "$pocketstyle" bench ops bottleneck --repeats 3
} >$result.new
publish $result

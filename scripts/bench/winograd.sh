#!/usr/bin/env bash
# Winograd's convolutions against direct ones in fp32, on AVX2 and on the processor's own vectors: VGG-16's convolutions and a
# network's, then training steps of three networks. One thread, and processor time where a column says so, since other programs change
# that least. Writes docs/benchmarks/winograd.txt. After scripts/build.sh; about 10 minutes.
#   scripts/bench/winograd.sh      REPEATS=5 from the environment
. "$(dirname "$0")/../common.sh"
result=docs/benchmarks/winograd.txt
repeats=${REPEATS:-5}

measure() { # SETTINGS ARGUMENTS...
  printf '\n$ %s\n' "${1:+$1 }pocketstyle ${*:2}"
  # shellcheck disable=SC2086  # settings are words
  env $1 OMP_NUM_THREADS=1 "$pocketstyle" "${@:2}"
}
{
  header "" "1 thread"
  for settings in "${avx2_only[*]}" ""; do
    measure "$settings" bench ops original --batch 2 --threads 1 --repeats "$repeats" | grep -v bf16
    for preset in original bottleneck mini; do
      measure "$settings" bench train configs/starry_night.yaml --direct --repeats "$repeats" --set run.precision=fp32 \
        --set run.threads=1 --set net.preset=$preset
    done
    measure "$settings" bench train configs/demo.yaml --direct --repeats "$repeats" --set run.precision=fp32 --set run.threads=1
  done
} >$result.new
publish $result

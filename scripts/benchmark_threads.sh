#!/usr/bin/env bash
# What OpenMP's settings do to training and stylising: how threads wait, and whether they are bound to cores. Writes
# docs/benchmarks/threads.txt. After scripts/build.sh; about four minutes on 2 cores, which want to be idle.
#   scripts/benchmark_threads.sh
set -euo pipefail
cd "$(dirname "$0")/.."
pocketstyle=build/release/src/cli/pocketstyle
work=build/benchmark_threads
repeats=${REPEATS:-9}
mkdir -p "$work"
for net in original mini; do
  "$pocketstyle" export models/starry_night/$net.safetensors -o "$work" --name $net --format ptl --force >/dev/null
  "$pocketstyle" export models/starry_night/$net.safetensors -o "$work" --name $net --format pt --lowering cpu --force >/dev/null
done
{
  echo "scripts/benchmark_threads.sh"
  echo "$(date -u +%F), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $(nproc) cores"
  for setting in "" OMP_WAIT_POLICY=passive OMP_WAIT_POLICY=active OMP_PROC_BIND=true; do
    printf '\n%s\n' "${setting:-as it is}"
    env $setting "$pocketstyle" bench train configs/demo.yaml --repeats "$repeats" | sed -n '2,3p'
    env $setting "$pocketstyle" bench stylize "$work"/{original,mini}.ptl "$work"/{original,mini}.pt models/starry_night/{original,mini}.safetensors \
      --size 256 --threads 2 --repeats "$repeats"
  done
} >docs/benchmarks/threads.txt.new
mv docs/benchmarks/threads.txt.new docs/benchmarks/threads.txt
echo docs/benchmarks/threads.txt

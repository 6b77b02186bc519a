#!/usr/bin/env bash
# The effect of OpenMP's settings on training and stylising: how threads wait, and whether they are bound to cores. Writes
# docs/benchmarks/threads.txt. After scripts/build.sh; about four minutes on 2 idle cores.
#   scripts/bench/threads.sh      REPEATS=9 from the environment
. "$(dirname "$0")/../common.sh"
work=build/benchmark_threads
result=docs/benchmarks/threads.txt
repeats=${REPEATS:-9}
for net in original mini; do
  "$pocketstyle" export models/starry_night/$net.safetensors -o "$work" --name $net --format ptl --force >/dev/null
  "$pocketstyle" export models/starry_night/$net.safetensors -o "$work" --name $net --format pt --lowering cpu --force >/dev/null
done
{
  header
  for setting in "" OMP_WAIT_POLICY=passive OMP_WAIT_POLICY=active OMP_PROC_BIND=true; do
    printf '\n%s\n' "${setting:-as it is}"
    env ${setting:+"$setting"} "$pocketstyle" bench train configs/demo.yaml --repeats "$repeats" | sed -n '2,3p'
    env ${setting:+"$setting"} "$pocketstyle" bench stylize "$work"/{original,mini}.ptl "$work"/{original,mini}.pt \
      models/starry_night/{original,mini}.safetensors --size 256 --threads 2 --repeats "$repeats"
  done
} >$result.new
publish $result

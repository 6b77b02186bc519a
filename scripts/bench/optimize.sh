#!/usr/bin/env bash
# The loss that optimising the picture itself reaches (Gatys et al.), beside that of the shipped networks' pictures, which take one
# pass. Writes docs/benchmarks/optimize.txt. One thread. After scripts/build.sh; about 3 minutes on an idle core.
#   scripts/bench/optimize.sh [EVALUATIONS] [SIZE]
. "$(dirname "$0")/../common.sh"
evaluations=${1:-150}
size=${2:-128}
work=build/benchmark_optimize
result=docs/benchmarks/optimize.txt
mkdir -p "$work"
mapfile -t photos < <(echo city10; cd third_party/photos/val && find . -name '*.jpg' ! -name 'city10.jpg' -printf '%f\n' | LC_ALL=C sort | sed 's/\.jpg$//' | sed -n '1p;$p')
export OMP_NUM_THREADS=1
# optimize PHOTO OUTPUT [OPTIONS]
optimize() {
  local command=(optimize "third_party/photos/val/$1.jpg" --config configs/models.yaml --size "$size" --evaluations "$evaluations"
    --threads 1 --force "${@:3}")
  printf '\n$ pocketstyle %s\n' "${command[*]}"
  "$pocketstyle" "${command[@]}" -o "$work/$2.png" | grep -v '^[0-9]*/'
}
{
  header "1 thread"
  for photo in "${photos[@]}"; do
    optimize "$photo" "$photo" --compare starry_night/original starry_night/bottleneck starry_night/mini starry_night/micro
  done
  optimize "${photos[0]}" "${photos[0]}-adam" --optimizer adam
} | sed "s|$work/||" >$result.new
publish $result

#!/usr/bin/env bash
# Writes docs/benchmarks/optimize.txt: what optimising the picture itself reaches (Gatys et al.), beside what the shipped networks
# make of the same photos in one pass. One thread. After scripts/build.sh; about 3 minutes on an idle core.
#   scripts/benchmark_optimize.sh [EVALUATIONS] [SIZE]
set -euo pipefail
cd "$(dirname "$0")/.."
pocketstyle=${POCKETSTYLE:-build/release/src/cli/pocketstyle}
steps=${1:-150}
size=${2:-128}
work=build/benchmark_optimize
mkdir -p "$work"
photos=(city10 $(cd third_party/photos/val && ls -- *.jpg | grep -v city10 | sed 's/\.jpg$//' | sed -n '1p;$p'))
export OMP_NUM_THREADS=1
{
  echo "$(date -u +%F), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), 1 thread"
  for photo in "${photos[@]}"; do
    arguments=(optimize "third_party/photos/val/$photo.jpg" --config configs/models.yaml --size "$size" --evaluations "$steps" --threads 1 --force
      --compare starry_night/original starry_night/bottleneck starry_night/mini starry_night/micro)
    printf '\n$ pocketstyle %s\n' "${arguments[*]}"
    "$pocketstyle" "${arguments[@]}" -o "$work/$photo.png" | grep -v '^[0-9]*/'
  done
  photo=${photos[0]}
  arguments=(optimize "third_party/photos/val/$photo.jpg" --config configs/models.yaml --size "$size" --evaluations "$steps" --threads 1 --force
    --optimizer adam)
  printf '\n$ pocketstyle %s\n' "${arguments[*]}"
  "$pocketstyle" "${arguments[@]}" -o "$work/$photo-adam.png" | grep -v '^[0-9]*/'
} | sed "s|$work/||" >docs/benchmarks/optimize.txt.new
mv docs/benchmarks/optimize.txt.new docs/benchmarks/optimize.txt
echo docs/benchmarks/optimize.txt

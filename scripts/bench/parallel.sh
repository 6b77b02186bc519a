#!/usr/bin/env bash
# Training speed of one process with two threads and of two with one each, with the settings of configs/demo.yaml and the same number
# of photos per step. Writes docs/benchmarks/parallel.md. After scripts/build.sh, on an idle machine of two cores or more.
#   scripts/bench/parallel.sh [STEPS] [REPEATS]      default: 30 steps, 3 repeats, in turn
. "$(dirname "$0")/../common.sh"
steps=${1:-30}
repeats=${2:-3}
result=docs/benchmarks/parallel.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# measure NAME ARGUMENTS...: adds images/s and the exchange's share of a step to NAME's figures.
measure() {
  local name=$1 line
  shift
  rm -rf "$work/run"
  line=$("$pocketstyle" train configs/demo.yaml --set train.steps="$steps" --set train.warmup=10 --set data.held_out= \
    --set run.folder="$work/run" "$@" 2>"$work/errors" | grep 'images/s; share of step') || { cat "$work/errors" >&2; exit 1; }
  sed -E 's|^([0-9.]+) images/s.*|\1|' <<<"$line" >>"$work/$name.rate"
  { sed -nE 's|.*exchange ([0-9.]+)%.*|\1|p' <<<"$line"; } >>"$work/$name.exchange"
}
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { if (NR) printf "%s", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; else printf "0" }'; }
spread() { sort -n "$1" | awk 'NR == 1 { low = $1 } { high = $1 } END { printf "%s to %s", low, high }'; }

for ((i = 0; i < repeats; ++i)); do
  measure one --set train.batch=4 --set run.threads=2
  measure two --set train.batch=2 --set run.threads=1 --nproc-per-node 2
done
{
  header "$steps steps, $repeats repeats in turn" "load $(cut -d' ' -f1-3 /proc/loadavg) at the end"
  echo
  echo "| processes x threads | batch each | images/s, median | lowest to highest | exchange, waiting included |"
  echo "|---|---:|---:|---|---:|"
  echo "| 1 x 2 | 4 | $(median "$work/one.rate") | $(spread "$work/one.rate") | $(median "$work/one.exchange")% |"
  echo "| 2 x 1 | 2 | $(median "$work/two.rate") | $(spread "$work/two.rate") | $(median "$work/two.exchange")% |"
} >$result.new
publish $result

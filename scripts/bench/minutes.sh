#!/usr/bin/env bash
# How good a style is after how many minutes of training, from the base network and from random weights, on styles that no base network
# has seen: five paintings in Debian's package gcompris-qt-data. The configuration is the demo's (configs/demo.yaml).
#
# What fits in a number of minutes on two cores with AVX2 is asked from `train --minutes`, stopped once it has planned its steps: `plan`, on
# an idle machine. The trainings then take that number of steps, on any processor, one thread each, as many at once as there are cores, in
# fp32 as with AVX2. What is finished is recorded in docs/benchmarks/minutes.jsonl and not done again; if the script is stopped, the same
# command continues. Some 8 hours of two cores per network. Writes docs/benchmarks/minutes.md. After scripts/build.sh; needs Node,
# ImageMagick and gcompris-qt-data.
#   scripts/bench/minutes.sh plan NETWORK...                   such as: scripts/bench/minutes.sh plan mini
#   scripts/bench/minutes.sh NETWORK INIT MINUTES [STYLE...]   such as: scripts/bench/minutes.sh mini base 5
#   scripts/bench/minutes.sh                                   the table alone
. "$(dirname "$0")/../common.sh"
result=docs/benchmarks/minutes.md
records=docs/benchmarks/minutes.jsonl
work=build/minutes
styles=(mary_cassatt_summertime wassily_kandinsky_composition_viii vincent_van_gogh_village_street_in_auvers
  giuseppe_arcimboldo_spring katsushika_hokusa_poppies)
lengths=(1 2 5 10 30 60)

# setting NETWORK STYLE INIT: words for `train`
setting() { echo configs/demo.yaml --set net.preset="$1" --set style.image="$work/styles/$2.png" --set train.init="$3"; }

# plan NETWORK MINUTES
plan() {
  local run=$work/plan/$1-$2 id
  rm -rf "$run"
  mkdir -p "$work/plan"
  # shellcheck disable=SC2046  # several words are meant
  env "${avx2_only[@]}" "$pocketstyle" train $(setting "$1" "${styles[0]}" base) --minutes "$2" --set run.folder="$run" >"$run.log" 2>&1 &
  id=$!
  until grep -qs '"kind":"plan"' "$run/metrics.jsonl"; do
    kill -0 $id || { cat "$run.log" >&2; die "$1, $2 minutes: no plan"; }
    sleep 1
  done
  kill -INT $id
  wait $id || true
  grep '"kind":"plan"' "$run/metrics.jsonl" |
    sed "s/^{\"kind\":\"plan\",/&\"net\":\"$1\",/; s/}\$/,\"cpu\":\"$(cpu)\",\"date\":\"$(today)\"}/" >>$records
}
# steps NETWORK MINUTES
steps() { grep -s "\"kind\":\"plan\",\"net\":\"$1\",.*\"minutes\":$2.0," $records | json_field steps; }
# done_already NETWORK STYLE INIT MINUTES
done_already() { grep -qs "\"kind\":\"training\",\"net\":\"$1\",\"style\":\"$2\",\"init\":\"$3\",\"minutes\":$4," $records; }

# train NETWORK INIT MINUTES STYLE
train() {
  local run=$work/runs/$1-$4-$2-$3 steps
  done_already "$1" "$4" "$2" "$3" && return
  steps=$(steps "$1" "$3")
  [ -n "$steps" ] || die "$1, $3 minutes: not planned yet, see: $script plan"
  # shellcheck disable=SC2046  # several words are meant
  train_to_end "$run" $(setting "$1" "$4" "$2") --set train.steps="$steps" --set run.evaluate_every=500 --set run.preview_every=0 \
    --set run.threads=1 --set run.precision=fp32
  printf '{"kind":"training","net":"%s","style":"%s","init":"%s","minutes":%s,"steps":%s,"loss":%s,"cpu":"%s","date":"%s"}\n' \
    "$1" "$4" "$2" "$3" "$steps" "$(validation_losses "$run/metrics.jsonl" | tail -1)" "$(cpu)" "$(today)" >>$records
  tail -1 $records
}

if [ "${1:-}" = --one ]; then
  train "${@:2}"
  exit
fi
if [ $# -gt 0 ]; then
  need convert imagemagick
  [ -f /usr/share/gcompris-qt/rcc/paintings.rcc ] || die "install gcompris-qt-data first"
  [ -f "$work/styles/${styles[-1]}.png" ] || node scripts/bench/gcompris_paintings.mjs "$work/styles" "${styles[@]}"
fi
if [ "${1:-}" = plan ]; then
  for network in "${@:2}"; do
    for minutes in "${lengths[@]}"; do [ -n "$(steps "$network" "$minutes")" ] || plan "$network" "$minutes"; done
  done
elif [ $# -gt 0 ]; then
  [ $# -ge 3 ] || die "expected NETWORK INIT MINUTES [STYLE...]"
  network=$1 init=$2 minutes=$3
  shift 3
  [ $# -gt 0 ] || set -- "${styles[@]}"
  printf '%s\0' "$@" | OMP_NUM_THREADS=1 xargs -0 -n 1 -P "$(nproc)" "$root/$script" --one "$network" "$init" "$minutes"
fi
node scripts/bench/minutes_table.mjs $records >$result.new
publish $result

#!/usr/bin/env bash
# SOAP, the optimiser, against plain Adam: validation losses after the same steps on paintings that no base network has seen (Debian's
# package gcompris-qt-data), from the base networks and from random weights. The demo's configuration with one photo a step, one thread a
# run, as many at once as there are cores. Writes docs/benchmarks/optimiser.txt. After scripts/build.sh; needs Node, ImageMagick and
# gcompris-qt-data. Some 10 minutes on two cores with AVX-512 and bf16; if it is stopped, the same command continues.
#   scripts/bench/optimiser.sh
. "$(dirname "$0")/../common.sh"
result=docs/benchmarks/optimiser.txt
work=build/optimiser
kandinsky=wassily_kandinsky_composition_viii gogh=vincent_van_gogh_village_street_in_auvers
# NETWORK STYLE INIT STEPS ADAM_RATE: Adam's rate is the best of those tried; the original network diverged on the mosaic at 1e-3.
cases=("mini $kandinsky base 300 1e-3" "mini $kandinsky base 900 1e-3" "mini $gogh base 300 1e-3" "mini $kandinsky none 300 1e-3"
  "bottleneck $kandinsky base 300 1e-3" "original $kandinsky base 300 5e-4")

# train OPTIMISER NETWORK STYLE INIT STEPS ADAM_RATE
train() {
  local rate=()
  [ "$1" = soap ] || rate=(--set train.precondition_every=0 --set "train.learning_rate=$6")
  train_to_end "$work/$2-$3-$4-$5-$1" configs/demo.yaml --set net.preset="$2" --set style.image="$work/styles/$3.png" \
    --set train.init="$4" --set train.steps="$5" --set train.batch=1 --set run.evaluate_every=0 --set run.preview_every=0 \
    --set run.threads=1 "${rate[@]}"
}
loss() { validation_losses "$1" | tail -n 1; }
mean_ms() { awk '{ s += $1 } END { printf "%.0f", 1000 * s / NR }'; }  # of seconds, one a line
optimiser_ms() { grep '"kind":"step"' "$1" | json_field optimiser | mean_ms; }
step_ms() { step_seconds "$1" | mean_ms; }

if [ "${1:-}" = --one ]; then
  # shellcheck disable=SC2086  # several words are meant
  train $2
  exit
fi
need convert imagemagick
[ -f /usr/share/gcompris-qt/rcc/paintings.rcc ] || die "install gcompris-qt-data first"
node scripts/bench/gcompris_paintings.mjs "$work/styles" "$kandinsky" "$gogh"
for case in "${cases[@]}"; do printf '%s\0' "adam $case" "soap $case"; done |
  OMP_NUM_THREADS=1 xargs -0 -n 1 -P "$(nproc)" "$root/$script" --one
{
  header "" "$("$pocketstyle" --version)"
  echo
  printf '%-10s %-42s %-5s %5s %10s %10s %7s %14s\n' network style from steps Adam SOAP change 'ms in SOAP/step'
  for case in "${cases[@]}"; do
    read -r network style init steps _ <<<"$case"
    run=$work/$network-$style-$init-$steps
    adam=$(loss "$run-adam/metrics.jsonl") soap=$(loss "$run-soap/metrics.jsonl")
    printf '%-10s %-42s %-5s %5s %10s %10s %6s%% %14s\n' "$network" "$style" "$init" "$steps" "$adam" "$soap" \
      "$(awk "BEGIN { printf \"%+.1f\", 100 * ($soap / $adam - 1) }")" \
      "$(optimiser_ms "$run-soap/metrics.jsonl")/$(step_ms "$run-soap/metrics.jsonl")"
  done
} >$result.new
publish $result

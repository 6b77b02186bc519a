#!/usr/bin/env bash
# Borders: what a frame in the style picture does to the results, and whether style.trim prevents it. The border metrics of networks
# trained on The Starry Night as it is, and with a black frame around it, trimmed and not; and the shipped models' borders on photos
# of three sizes. Writes docs/benchmarks/frames.txt. Needs ImageMagick (scripts/install_deps.sh imagemagick). After
# scripts/build.sh; about 15 minutes on one core.
#   scripts/bench/frames.sh [STEPS]
. "$(dirname "$0")/../common.sh"
steps=${1:-150}
runs=$root/runs/frames
result=docs/benchmarks/frames.txt
mkdir -p "$runs"
# The frame is five pixels wide in the 256 that training sees.
convert third_party/styles/starry_night.jpg -bordercolor black -border 2% -quality 95 "$runs/framed.jpg"
common=(configs/models.yaml --set train.init=none --set net.preset=mini --set train.steps="$steps" --set data.crop=96
  --set run.evaluate_every=0 --jobs "$(nproc)" --seeds 1,2)
"$pocketstyle" sweep "${common[@]}" --vary style.trim=true -o "$runs/plain"
"$pocketstyle" sweep "${common[@]}" --set style.image="$runs/framed.jpg" --vary style.trim=true,false -o "$runs/framed"
{
  header "mini, $steps steps of configs/models.yaml at crop 96, seeds 1 and 2"
  "$pocketstyle" evaluate "no frame"="$runs/plain/trim=true-seed1,$runs/plain/trim=true-seed2" \
    "frame, trimmed"="$runs/framed/trim=true-seed1,$runs/framed/trim=true-seed2" \
    "frame, kept"="$runs/framed/trim=false-seed1,$runs/framed/trim=false-seed2" --config configs/models.yaml
  for size in 128 256 384; do
    printf '\nShipped models, validation photos of %s pixels\n' "$size"
    "$pocketstyle" evaluate models/starry_night/{original,mini}.safetensors --config configs/models.yaml \
      --set data.held_out_size="$size" --set data.held_out_photos=6
  done
} | sed "s|$root/||" >$result.new
publish $result

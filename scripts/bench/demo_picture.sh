#!/usr/bin/env bash
# The picture at the top of the README, docs/images/demo.jpg: validation photos, and shipped networks' pictures of them. After
# scripts/build.sh; needs ImageMagick. Seconds.
. "$(dirname "$0")/../common.sh"
need montage imagemagick
work=build/demo_picture
mkdir -p "$work"
photos=(city10 mountain4 sea3)
tiles=("${photos[@]/#/third_party/photos/val/}")
tiles=("${tiles[@]/%/.jpg}")
for model in starry_night/bottleneck great_wave/bottleneck the_scream/bottleneck composition_vii/bottleneck; do
  for photo in "${photos[@]}"; do
    out=$work/${model%/*}-$photo.png
    "$pocketstyle" stylize --model "$model" "third_party/photos/val/$photo.jpg" -o "$out" --size 500 --force >/dev/null
    tiles+=("$out")
  done
done
montage "${tiles[@]}" -tile "${#photos[@]}x" -geometry 400x200+3+3 -quality 88 docs/images/demo.jpg
echo docs/images/demo.jpg

#!/usr/bin/env bash
# One sheet of what the shipped models make of a photo, docs/images/looks.jpg: a row per style; the photo, the picture optimised for it,
# and each network's. After scripts/build.sh; needs ImageMagick. About a minute per style, most of it for the optimised picture.
#   scripts/bench/looks.sh [PHOTO] [FOLDER]     FOLDER: style pictures that are not in third_party/styles, STYLE.jpg
. "$(dirname "$0")/../common.sh"
photo=${1:-third_party/photos/val/city10.jpg}
styles=${2:-third_party/styles}
work=build/looks
result=docs/images/looks.jpg
need montage imagemagick
mkdir -p "$work"

size=192  # small, since every pixel of an optimised picture costs
networks=(original bottleneck slim mini micro pocket)
tiles=()
for style in $(shipped_styles); do
  folder=models/$style
  [ -f "$folder/bottleneck.safetensors" ] || continue
  picture=$(style_picture "$style" "$styles")
  name=$work/$style
  if [ ! -f "$name-optimised.png" ]; then
    "$pocketstyle" optimize "$photo" --config configs/models.yaml --style "$picture" --size "$size" --evaluations 80 \
      -o "$name-optimised.png" >/dev/null
  fi
  tiles+=(-label photo "$photo" -label "$style: optimised" "$name-optimised.png")
  for network in "${networks[@]}"; do
    if [ -f "$folder/$network.safetensors" ]; then
      "$pocketstyle" stylize "$folder/$network.safetensors" "$photo" --size "$size" -o "$name-$network.png" --force >/dev/null
      tiles+=(-label "$network" "$name-$network.png")
    else
      convert "$name-original.png" -fill white -colorize 100 "$name-none.png"
      tiles+=(-label "$network: none" "$name-none.png")
    fi
  done
done
montage "${tiles[@]}" -tile "$((${#networks[@]} + 2))x" -geometry "${size}x+4+4" -font DejaVu-Sans -pointsize 12 -quality 88 "$result"
echo "$result"

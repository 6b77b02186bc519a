#!/usr/bin/env bash
# Whether loss.strength looks alike for every style: the pictures optimised for one photo (what training approaches) at three strengths,
# a row per style picture and one for ink blots drawn here, and the shares of their losses. Writes docs/images/strengths.jpg and
# docs/benchmarks/strengths.txt. After scripts/build.sh; needs ImageMagick. About two minutes per style on one core.
#   scripts/bench/strengths.sh STYLE_PICTURE...
. "$(dirname "$0")/../common.sh"
[ $# -gt 0 ] || die "expected style pictures"
photo=third_party/photos/val/city10.jpg
size=192 evaluations=80
work=build/strengths
result=docs/benchmarks/strengths.txt
need montage imagemagick
mkdir -p "$work" docs/images
ink=$work/ink.png
convert -size 600x480 -seed 3 xc:gray50 +noise Random -colorspace gray -blur 0x6 -auto-level -threshold 52% -blur 0x1 \
  +level-colors '#1b1b2f,#f2e8d5' "$ink"
tiles=()
{
  header "$evaluations evaluations at $size px, one thread"
  for picture in "$@" "$ink"; do
    style=$(basename "${picture%.*}")
    for strength in 0.5 1 2; do
      out=$work/$style-$strength.png
      log=${out%.png}.json
      if [ ! -f "$log" ]; then
        "$pocketstyle" optimize "$photo" --config configs/models.yaml --style "$picture" --size "$size" \
          --evaluations "$evaluations" --threads 1 --set loss.strength="$strength" -o "$out" --force --json >"$log.new"
        mv "$log.new" "$log"
      fi
      tiles+=(-label "$style, strength $strength" "$out")
      node -e '
        const [style, strength, file] = process.argv.slice(1), { start, pictures: [{ loss }] } = JSON.parse(require("fs").readFileSync(file));
        const percent = (x) => `${(100 * x).toFixed(0)}%`;
        console.log(`${style.padEnd(18)} strength ${strength.padEnd(4)} style loss left ${percent(loss.style / start.style).padStart(4)}` +
          `  content share ${percent(loss.content / loss.total).padStart(4)}`);' "$style" "$strength" "$log"
    done
  done
  montage "${tiles[@]}" -tile 3x -geometry "${size}x128+4+4" -font DejaVu-Sans -pointsize 12 -quality 88 docs/images/strengths.jpg
} >$result.new
publish $result
echo docs/images/strengths.jpg

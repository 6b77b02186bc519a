#!/usr/bin/env bash
# Draws third_party/styles/mosaic.jpg: leaded glass, random with a fixed seed. Needs ImageMagick 6.
#   scripts/release/make_mosaic.sh OUTPUT
set -euo pipefail
output=${1:?make_mosaic.sh OUTPUT}
width=700 height=556
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A jittered grid of panes, warm around a sun and cool towards the edges, each a little off its neighbours.
awk -v w=$width -v h=$height 'BEGIN {
  srand(7)
  split("F7C948 F2A03D E4572E C1292E 8E1B3A 5B2A86 3C4CA8 1F6FB2 1798A6 2FA36B 0F4C5C 142850", colour, " ")
  step = 34
  for (y = step / 2; y < h + step; y += step)
    for (x = step / 2; x < w + step; x += step) {
      px = x + (rand() - 0.5) * step * 1.1; py = y + (rand() - 0.5) * step * 1.1
      d = sqrt((px - w * 0.62) ^ 2 + (py - h * 0.36) ^ 2) / w
      i = 1 + int(d * 13 + rand() * 3.2); if (i > 12) i = 12 - int(rand() * 4)
      printf "%d,%d #%s ", px, py, colour[i]
    }
}' >"$work/panes"
convert -size ${width}x${height} xc: -sparse-color voronoi "$(cat "$work/panes")" -depth 8 "$work/glass.png"
# Leads: dark where the pane changes, 5 pixels wide and soft at the edge.
convert "$work/glass.png" -morphology EdgeIn Diamond -colorspace gray -threshold 0 -morphology Dilate Disk:1.6 -blur 0x0.7 -negate "$work/leads.png"
# Glass: brighter inside each pane than along its leads, with streaks.
convert "$work/leads.png" -blur 0x5 -level 20%,100% "$work/glow.png"
convert -size ${width}x${height} xc:gray50 -seed 7 +noise Gaussian -colorspace gray -motion-blur 0x5+55 -auto-level -level -60%,160% "$work/streaks.png"
convert "$work/glass.png" "$work/streaks.png" -compose Overlay -composite "$work/glow.png" -compose SoftLight -composite \
  "$work/leads.png" -compose Multiply -composite -quality 92 -strip "$output"

#!/usr/bin/env bash
# The picture of the report in docs/results.md, docs/images/report.jpg: the first page of `report --compare` on the networks of The Starry
# Night, in headless Chromium. After scripts/build.sh; needs Chromium and ImageMagick. Minutes.
. "$(dirname "$0")/../common.sh"
need chromium chromium
need convert imagemagick
work=build/report_picture
mkdir -p "$work"
subjects=()
for network in original bottleneck mini micro pocket; do subjects+=("$network=models/starry_night/$network.safetensors"); done
"$pocketstyle" report --compare "${subjects[@]}" --config configs/models.yaml -o "$work/report.html" --force
chromium --headless --no-sandbox --hide-scrollbars --window-size=1200,1750 --screenshot="$work/report.png" "file://$PWD/$work/report.html" 2>/dev/null
convert "$work/report.png" -quality 85 docs/images/report.jpg
echo docs/images/report.jpg

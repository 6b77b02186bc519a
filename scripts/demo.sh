#!/usr/bin/env bash
# The main job, end to end: installs what is missing, builds, trains a small network on the shipped photos and
# The Starry Night, exports it for mobile, prints the parameter table and the compression report, stylises a photo.
# About 15 to 20 minutes on 2 cores. Run again, it goes on where it was stopped; remove out/demo to start afresh.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install_deps.sh
scripts/build.sh
pocketstyle=build/release/src/cli/pocketstyle
out=out/demo
photo=third_party/photos/val/city10.jpg
mkdir -p "$out"

echo; echo "== 1. Train =="
if [ -f "$out/run/final.safetensors" ]; then
  echo "already trained: $out/run"
elif compgen -G "$out/run/checkpoints/step-*.safetensors" >/dev/null; then
  "$pocketstyle" train --resume "$out/run"
else
  "$pocketstyle" train configs/demo.yaml --set train.init=models/mosaic/mini.safetensors --set run.folder="$out/run"
fi

echo; echo "== 2. Export for mobile =="
"$pocketstyle" export "$out/run" -o "$out/export" --name starry_night --force

echo; echo "== 3. What compression gained =="
"$pocketstyle" report "$out/run" --baseline original
"$pocketstyle" report "$out/run" --baseline original --format markdown --output "$out/report.md" --force
"$pocketstyle" report "$out/run" --baseline original --format json --output "$out/report.json" --force

echo; echo "== 4. Stylise a photo with the exported file =="
"$pocketstyle" stylize "$out/export/starry_night.ptl" "$photo" -o "$out/styled.jpg" --force

echo
echo "Done. Look at $out/styled.jpg (of $photo) and $out/run/contact_sheet.jpg."

#!/usr/bin/env bash
# The main job, end to end: installs what is missing, builds, trains a small network for five minutes on the shipped photos and
# The Starry Night, exports it for mobile, prints the parameter table and the compression report, stylises a photo.
# Run again, it continues where it was interrupted; remove out/demo to start afresh.
set -euo pipefail
cd "$(dirname "$0")/.."

pocketstyle=build/release/src/cli/pocketstyle
out=out/demo
photo=third_party/photos/val/city10.jpg
minutes=$(sed -n 's/^ *minutes: *//p' configs/demo.yaml)

part=
start=$SECONDS
# Says where the demo stopped and how to continue, whatever ended it (also Ctrl-C).
say_how_to_go_on() {
  local code=$?
  [ $code -ne 0 ] || return 0
  echo
  echo "The demo stopped in \"$part\" (exit code $code). To go on from there: scripts/demo.sh"
  if compgen -G "$out/run/checkpoints/step-*.safetensors" >/dev/null && [ ! -f "$out/run/final.safetensors" ]; then
    echo "Or the training alone: $pocketstyle train --resume $out/run"
  fi
}
trap say_how_to_go_on EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
begin() {
  part=$1
  echo
  echo "== $part ($(((SECONDS - start) / 60)) min so far) =="
}

echo "This takes about 15 minutes on two cores: 5 to 10 to install and build, $minutes to train, 1 for the rest."
begin "1. Build"
scripts/install_deps.sh
scripts/build.sh
mkdir -p "$out"

begin "2. Train for $minutes minutes"
if [ -f "$out/run/final.safetensors" ]; then
  echo "already trained: $out/run"
elif compgen -G "$out/run/checkpoints/step-*.safetensors" >/dev/null; then
  "$pocketstyle" train --resume "$out/run"
else
  "$pocketstyle" train configs/demo.yaml --set run.folder="$out/run"
fi

begin "3. Export for mobile"
"$pocketstyle" export "$out/run" -o "$out/export" --name starry_night --force

begin "4. What compression gained"
"$pocketstyle" report "$out/run" --baseline original
"$pocketstyle" report "$out/run" --baseline original --format markdown --output "$out/report.md" --force
"$pocketstyle" report "$out/run" --baseline original --format json --output "$out/report.json" --force

begin "5. Stylise a photo with the exported file"
"$pocketstyle" stylize "$out/export/starry_night.ptl" "$photo" -o "$out/styled.jpg" --force

echo
echo "Done after $(((SECONDS - start + 30) / 60)) minutes. Look at $out/styled.jpg (of $photo) and $out/run/contact_sheet.jpg."

#!/usr/bin/env bash
# Runs exported files where applications run them: ONNX Runtime in Node, its WebAssembly build, and a C++ program on the Lite
# interpreter, all against the trained network; then the web app (scripts/test_web.sh). After scripts/build.sh.
# Needs Node 20 or newer with npm; installs Chromium if it is missing.
#   scripts/test_runtimes.sh [NETWORK]     a run folder or weights; default: a small one is trained for it
set -euo pipefail
cd "$(dirname "$0")/.."
pocketstyle=$PWD/build/release/src/cli/pocketstyle
work=build/runtimes
photo=third_party/photos/val/city10.jpg

command -v npm >/dev/null || { echo "test_runtimes.sh: install Node.js with npm first" >&2; exit 1; }

rm -rf "$work"
mkdir -p "$work"
network=${1:-}
if [ -z "$network" ]; then
  network=$work/run
  "$pocketstyle" train configs/demo.yaml --set train.steps=20 --set train.warmup=5 --set data.crop=64 \
    --set data.window_max=96 --set data.held_out_size=64 --set run.evaluate_every=20 --set run.folder="$network" \
    >"$work/train.log" 2>&1 || { cat "$work/train.log" >&2; exit 1; }
fi
"$pocketstyle" export "$network" -o "$work/models" --name net --precision all --references "$work/references"
"$pocketstyle" stylize "$network" "$photo" -o "$work/expected.png"

echo "== ONNX Runtime =="
(cd examples/node && npm ci --silent --no-audit --no-fund)
for runtime in node web; do
  node examples/node/verify.mjs "$work/models" "$work/references" --runtime $runtime --json "$work/$runtime.json"
done

echo "== A program on the Lite interpreter =="
cmake -S examples/cpp/lite -B "$work/lite" -DCMAKE_BUILD_TYPE=Release >"$work/cmake.log"
cmake --build "$work/lite" >>"$work/cmake.log"
"$work/lite/stylize_lite" "$work/models/net.ptl" "$photo" "$work/lite.png"
node examples/node/compare.mjs "$work/lite.png" "$work/expected.png" 2

scripts/test_web.sh

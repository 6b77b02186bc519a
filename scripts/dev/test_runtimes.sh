#!/usr/bin/env bash
# Runs exported files where applications run them: ONNX Runtime in Node, its WebAssembly build, and a C++ program on the Lite
# interpreter, all against the trained network; then the web app (scripts/dev/test_web.sh). After scripts/build.sh.
# Needs Node 20 or newer with npm; installs Chromium if it is missing.
#   scripts/dev/test_runtimes.sh [NETWORK]     a run folder or weights; default: a small one is trained for it
. "$(dirname "$0")/../common.sh"
work=build/runtimes
photo=third_party/photos/val/city10.jpg

need npm "Node.js with npm"

rm -rf "$work"
mkdir -p "$work"
network=${1:-}
if [ -z "$network" ]; then
  network=$work/run
  train_briefly "$network" 20
fi
"$pocketstyle" export "$network" -o "$work/models" --name net --precision all --references "$work/references"
"$pocketstyle" stylize "$network" "$photo" -o "$work/expected.png"

echo "== ONNX Runtime =="
install_node_examples
for runtime in node web; do
  node examples/node/verify.mjs "$work/models" "$work/references" --runtime $runtime --json "$work/$runtime.json"
done

echo "== A program on the Lite interpreter =="
cmake -S examples/cpp/lite -B "$work/lite" -DCMAKE_BUILD_TYPE=Release >"$work/cmake.log"
cmake --build "$work/lite" >>"$work/cmake.log"
"$work/lite/stylize_lite" "$work/models/net.ptl" "$photo" "$work/lite.png"
node examples/node/compare.mjs "$work/lite.png" "$work/expected.png" 2

scripts/dev/test_web.sh

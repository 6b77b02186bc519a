#!/usr/bin/env bash
# Runs exported files where applications run them: ONNX Runtime in Node, its WebAssembly build, LiteRT's WebAssembly in Node and on
# WebGPU in Chromium, and a C++ program on the Lite interpreter, all against the trained network; then the web app
# (scripts/dev/test_web.sh). After scripts/build.sh.
# Needs Node 18 or newer with npm; installs Chromium if it is missing.
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
"$pocketstyle" export "$network" -o "$work/models" --name net --precision all --format pt,ptl,onnx,u8.onnx,rgba.onnx \
  --references "$work/references"
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

echo "== LiteRT =="
square_photo() {  # FILE SIDE
  (cd examples/node && node -e 'require("sharp")(process.argv[1]).resize(+process.argv[3], +process.argv[3]).toFile(process.argv[2])' "$root/$photo" "$root/$1" "$2")
}
# Its WebAssembly cannot resize, so each file is of one of the five sizes: all kinds at the first, one at the others.
tflite() {  # SIZE OPTIONS...
  "$pocketstyle" export "$network" -o "$work/tflite/$1" --name net --static "$1" --references "$work/tflite/$1/references" "${@:2}"
  node examples/node/verify.mjs "$work/tflite/$1" "$work/tflite/$1/references" --runtime litert
}
tflite 64x64 --format tflite,u8.tflite,rgba.tflite --precision all
for size in 65x63 97x131 128x75 48x160; do tflite $size --format tflite; done
# A photo, and a file whose sizes are free, at the size that it names.
square_photo "$work/square.png" 256
"$pocketstyle" stylize "$network" "$work/square.png" -o "$work/expected_square.png"
"$pocketstyle" export "$network" -o "$work/tflite" --name net --format tflite,rgba.tflite
for kind in tflite rgba.tflite; do
  node examples/node/stylize.mjs "$work/tflite/net.$kind" "$work/square.png" "$work/tflite.png"
  node examples/node/compare.mjs "$work/tflite.png" "$work/expected_square.png" 1
done
# Every shipped model.
square_photo "$work/small.png" 128
shipped() {  # FILE
  local name
  name=$(basename "$(dirname "$1")")-$(basename "$1" .safetensors)
  "$pocketstyle" export "$1" -o "$work/shipped" --name "$name" --format tflite --static 128x128 >/dev/null
  "$pocketstyle" stylize "$1" "$work/small.png" -o "$work/shipped/$name.png"
}
export -f shipped
export pocketstyle work
shipped_models | OMP_NUM_THREADS=1 xargs -n 1 -P "$(nproc)" bash -euc 'shipped "$0"'
# What GPUs take: the delegate of phones, on a GPU that the processor plays; and those models in the browser's WebAssembly.
scripts/install_deps.sh chromium
node web/test/litert.mjs examples/node/node_modules/@litertjs "$work/tflite/64x64" "$work/tflite/64x64/references" "$work/small.png" "$work/shipped"

scripts/dev/test_web.sh

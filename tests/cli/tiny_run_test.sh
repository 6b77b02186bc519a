#!/usr/bin/env bash
# Trains the run that the other tests use, and exports it. Works in the folder TINY: its configuration has full paths.
set -u
. "$(dirname "$0")/helpers.sh"
rm -rf "$tiny"
mkdir -p "$tiny"
cd "$tiny" || exit 1

tiny_photos
printf 'not a picture' >photos/broken.jpg
expect 0 'validation loss [0-9]+ at step 0' "$pocketstyle" "${tiny_train[@]}" --set run.folder=run
for file in config.yaml run.json metrics.jsonl contact_sheet.jpg final.safetensors checkpoints/best.safetensors; do
  check test -s "run/$file"
done

expect 0 'tiny.rgba.onnx .*libtorch' "$pocketstyle" export run -o exported --name tiny
for extension in pt ptl onnx u8.onnx rgba.onnx tflite u8.tflite rgba.tflite safetensors; do
  check test -s "exported/tiny.$extension" -a -s "exported/tiny.$extension.json"
done
expect 0 'tiny.int8.ptl .* dB' "$pocketstyle" export run -o exported --name tiny --precision fp16,int8 --format ptl,onnx,tflite \
  --bytecode 5 --lowering none --static 40x56 --onnx-pad slice --references references
check test -s exported/tiny.fp16.onnx -a -s references/index.json
expect 0 'tiny.int8-static.onnx .*loss [0-9.]+%' "$pocketstyle" export run -o exported --name tiny --precision int8-static \
  --format onnx,u8.onnx --max-mean-diff 100
finish

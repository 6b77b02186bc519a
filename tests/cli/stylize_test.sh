#!/usr/bin/env bash
# Photos through a run and through each kind of exported file: whole, and in strips.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run

expect 0 'a.jpg' "$pocketstyle" stylize run "$photo" -o a.jpg --size 64
expect 2 'already exists' "$pocketstyle" stylize run "$photo" -o a.jpg --size 64
expect 0 'a.png  65x' "$pocketstyle" stylize exported/tiny.ptl "$photo" -o a.png --size 65 --keep-colors --strength 0.7
expect 3 '1 of 4 photos failed' "$pocketstyle" stylize exported/tiny.pt photos -o styled --size 64
check test "$(find styled -type f | wc -l)" -eq 3
for extension in onnx u8.onnx rgba.onnx; do
  expect 0 "$extension.png  65x" "$pocketstyle" stylize "exported/tiny.$extension" "$photo" -o "$extension.png" --size 65
done
expect 1 'only supports pictures of width 56 and height 40' "$pocketstyle" stylize exported/tiny.int8.onnx "$photo" -o c.png --size 65
expect 0 'strips.png  2000x1000' "$pocketstyle" stylize exported/tiny.int8.ptl "$photo" -o strips.png --size 2000 --memory 500
expect 3 'int8-static, from which weights' "$pocketstyle" stylize exported/tiny.int8-static.onnx "$photo" -o d.png --size 2000 --memory 500
expect 1 'even in strips, but only' "$pocketstyle" stylize run "$photo" -o d.png --memory 20
expect 2 '--memory' "$pocketstyle" stylize run "$photo" -o d.png --memory 0
expect 2 '--memory' "$pocketstyle" stylize run "$photo" -o d.png --memory lots
check test ! -e d.png
echo 'net: {}' >bad.yaml
expect 3 'bad.yaml: expected a safetensors' "$pocketstyle" stylize bad.yaml "$photo" -o b.jpg
expect 2 'expected a model and photos' "$pocketstyle" stylize "$photo" -o v.jpg
finish

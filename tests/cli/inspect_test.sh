#!/usr/bin/env bash
# What each kind of file is.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run

expect 0 'checkpoint' "$pocketstyle" inspect run/checkpoints/best.safetensors
expect 0 'lite' "$pocketstyle" inspect exported/tiny.ptl
expect 0 'torchscript' "$pocketstyle" inspect exported/tiny.pt
expect 0 'onnx' "$pocketstyle" inspect exported/tiny.rgba.onnx
expect 0 "height +40" "$pocketstyle" inspect exported/tiny.int8.onnx
expect 0 '^runs on GPUs +not as a whole' "$pocketstyle" inspect exported/tiny.tflite
expect 0 '^runs on GPUs +as a whole' "$pocketstyle" inspect exported/tiny.fp16.tflite
expect 0 '^  MIRROR_PAD +[0-9]+$' "$pocketstyle" inspect exported/tiny.fp16.tflite
expect 0 '"gpu_obstacles": \[\]' "$pocketstyle" inspect exported/tiny.fp16.tflite --json
head -c 3000 exported/tiny.ptl >cut.ptl
expect 3 'cut.ptl' "$pocketstyle" inspect cut.ptl
head -c 3000 exported/tiny.tflite >cut.tflite
expect 3 'cut.tflite: cannot be read as a LiteRT file' "$pocketstyle" inspect cut.tflite
expect 3 'cut.tflite: cannot be read as a LiteRT file' "$pocketstyle" stylize cut.tflite "$photo" -o cut.png
expect 0 'tiny.png ' "$pocketstyle" stylize exported/tiny.tflite "$photo" -o tiny.png --size 70
expect 1 'only supports pictures of width 56 and height 40' "$pocketstyle" stylize exported/tiny.int8.tflite "$photo" -o cut.png
# Nested so deep that writing it would overflow the stack: a text like any other.
deep=$(printf '[%.0s' {1..100000})$(printf ']%.0s' {1..100000})
header="{\"__metadata__\":{\"note\":\"$deep\"}}"
size=$(printf '%08x' ${#header})
printf "\\x${size:6:2}\\x${size:4:2}\\x${size:2:2}\\x${size:0:2}\\0\\0\\0\\0%s" "$header" >deep.safetensors
expect 0 '^note ' "$pocketstyle" inspect deep.safetensors
finish

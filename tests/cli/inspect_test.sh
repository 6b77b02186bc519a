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
head -c 3000 exported/tiny.ptl >cut.ptl
expect 3 'cut.ptl' "$pocketstyle" inspect cut.ptl
finish

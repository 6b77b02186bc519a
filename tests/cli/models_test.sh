#!/usr/bin/env bash
# Shipped models, in a folder made here.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run

mkdir -p assets/models/waves assets/third_party
cp run/final.safetensors assets/models/waves/mini.safetensors
shipped=(env POCKETSTYLE_ASSETS="$work/assets/third_party" "$pocketstyle")
expect 0 'waves/mini .*6 steps' "${shipped[@]}" models
expect 0 'w.jpg' "${shipped[@]}" stylize --model waves "$photo" -o w.jpg --size 64
expect 3 'there are waves/mini' "${shipped[@]}" stylize --model dots "$photo" -o v.jpg
finish

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
expect 0 'r.jpg' "${shipped[@]}" stylize --model run "$photo" -o r.jpg --size 64
expect 3 'no shipped model has that name, and no file; shipped styles: waves$' "${shipped[@]}" stylize --model dots "$photo" -o v.jpg
expect 3 'did you mean waves\?$' "${shipped[@]}" stylize --model wavse "$photo" -o v.jpg
expect 3 'did you mean waves/mini\?$' "${shipped[@]}" stylize --model waves/min "$photo" -o v.jpg

# A base network is no style, and what training begins with.
mkdir assets/models/base
"$pocketstyle" train run/config.yaml --set net.preset=micro --set net.widths= --set net.mid= --set net.blocks= --set net.kernel= \
  --set train.steps=1 --set run.folder=base >base.log 2>&1 || cat base.log
cp base/final.safetensors assets/models/base/micro.safetensors
expect 0 'waves/mini' "${shipped[@]}" models
check test -z "$("${shipped[@]}" models | grep base)"
micro=("${shipped[@]}" train run/config.yaml --set net.preset=micro --set net.widths= --set net.mid= --set net.blocks= --set train.steps=1)
expect 0 'starting from .*base/micro.safetensors' "${micro[@]}" --set train.init=base --set run.folder=begun
expect 0 '"init": "base"' cat begun/run.json
expect 0 "\"init_sha256\": \"$(sha256sum assets/models/base/micro.safetensors | cut -d' ' -f1)\"" cat begun/run.json
expect 0 'no base network is shipped for mini: starting from random weights' "${micro[@]}" --set train.init=base \
  --set net.preset=mini --set run.folder=random
finish

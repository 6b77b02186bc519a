#!/usr/bin/env bash
# The configuration: all problems at once, each with its place.
set -u
. "$(dirname "$0")/helpers.sh"

printf 'net:\n  preset: huge\ntrain:\n  stepz: 3\n' >bad.yaml
expect 2 'bad.yaml:2:11: net.preset' "$pocketstyle" train bad.yaml
expect 2 'bad.yaml:4:3: train.stepz: unknown key; did you mean steps' "$pocketstyle" train bad.yaml
expect 2 'none.yaml' "$pocketstyle" train none.yaml
expect 0 'widths' "$pocketstyle" config
expect 0 'preset: mini' "$pocketstyle" config --set net.preset=mini
expect 2 'set train.stepz: train.stepz: unknown key' "$pocketstyle" config --set train.stepz=3
expect 0 'preset: micro' "$pocketstyle" config "$repository/configs/demo.yaml" --set net.preset=micro
finish

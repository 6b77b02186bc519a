#!/usr/bin/env bash
# A network of the fast_neural_style example has our tensors' names without "net." and no metadata of ours.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run

LC_ALL=C sed -e 's/"net\.\([^"]*\)":/"\1":    /g' -e 's/"pocketstyle\./"otherstyle_./g' run/final.safetensors >theirs.safetensors
expect 0 'rescaled' "$pocketstyle" import theirs.safetensors -o imported.safetensors
expect 0 'tiny' "$pocketstyle" export imported.safetensors -o exported --name imported_tiny --format ptl
expect 3 'already a pocketstyle network' "$pocketstyle" import run/final.safetensors -o again.safetensors
expect 2 'already exists' "$pocketstyle" import theirs.safetensors -o imported.safetensors
finish

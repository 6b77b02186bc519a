#!/usr/bin/env bash
# Latencies of a run and of exported files.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run

expect 0 'median ms' "$pocketstyle" bench stylize run exported/tiny.ptl exported/tiny.onnx --size 24,32x40 --repeats 3
expect 0 '"latency_ms_p90"' "$pocketstyle" bench stylize exported/tiny.pt --size 24 --threads 1,2 --repeats 3 --json
finish

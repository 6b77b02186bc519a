#!/usr/bin/env bash
# Exports that are refused, and options by their old names. tiny_run_test.sh makes every file.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run

expect 4 'max-mean-diff' "$pocketstyle" export run -o strict --precision int8-static --format onnx --max-mean-diff 0.001
expect 2 'int8-static in ONNX only' "$pocketstyle" export run -o strict --precision int8-static --format pt
expect 2 'expected fp32, fp16, int8' "$pocketstyle" export run -o exported --precision int4
expect 2 'expected pt, ptl, onnx' "$pocketstyle" export run -o exported --format mlmodel
expect 2 '--static wide' "$pocketstyle" export run -o exported --static wide
expect 2 'already' "$pocketstyle" export run -o exported --name tiny
expect 4 'strict/run.pt: not written: .*differs from' "$pocketstyle" export run -o strict --format pt,ptl,onnx --tolerance 1e-12
check test ! -e strict
expect 4 '1 of 2 files were not written' "$pocketstyle" export run -o partly --name tiny --format onnx --precision fp32,int8-static \
  --max-mean-diff 0.001 --results results.json
check test -s partly/tiny.onnx -a ! -e partly/tiny.int8-static.onnx
expect 0 '"failure": "its pictures differ' cat results.json

expect 0 '--optimize is called --lowering now' "$pocketstyle" export run -o old --name lowered --format pt --optimize cpu
check grep -q '"optimize": "cpu"' old/lowered.pt.json
expect 4 '--max-loss is called --max-mean-diff now' "$pocketstyle" export run -o strict --precision int8-static --format onnx \
  --max-loss=0.001
check test ! -e strict
finish

#!/usr/bin/env bash
# Quality metrics of networks and files, and their differences.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run

expect 0 'total loss +lower .*[0-9] \(.* to ' "$pocketstyle" evaluate run exported/tiny.ptl exported/tiny.onnx
expect 0 'border_error is not measured: .*expected 96 pixels' "$pocketstyle" evaluate run
expect 0 'two \(2 files\)' "$pocketstyle" evaluate run two=run,exported/tiny.pt
expect 0 'Compared with lite:' "$pocketstyle" evaluate run lite=exported/tiny.ptl --baseline lite
expect 0 '"difference_percent"' "$pocketstyle" evaluate lite=exported/tiny.pt run --config run/config.yaml --json
expect 0 '  ssim +higher ' "$pocketstyle" evaluate --help
expect 2 'baseline none: expected the name' "$pocketstyle" evaluate run --baseline none
expect 2 'the name run is taken' "$pocketstyle" evaluate run run
expect 2 'found an empty file' "$pocketstyle" evaluate run two=run,
expect 3 'nima.pt: expected TorchScript' bash -c "echo text >nima.pt; '$pocketstyle' evaluate run --nima nima.pt"
expect 2 'expected --config' "$pocketstyle" evaluate exported/tiny.pt
finish

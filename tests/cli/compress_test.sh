#!/usr/bin/env bash
# A smaller network from a trained one, by each method.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run
smaller=(--set "net.widths=[4,5,6]" --set net.mid=3 --set net.blocks=1 --set net.kernel=5 --set train.steps=3)

expect 0 'micro prune-distil +[0-9,]+ .*x .*%' "$pocketstyle" compress run --to micro --method scratch,distil,prune,prune-distil \
  "${smaller[@]}" -o smaller
expect 0 '"sha256"' cat smaller/micro_distil/run.json
expect 0 '"init_sha256"' cat smaller/micro_prune/run.json
mkdir empty
expect 3 'expected the folder of a run' "$pocketstyle" compress empty --to micro
expect 2 '--to: expected original, .*, found huge' "$pocketstyle" compress run --to huge

expect 0 '--parallel is called --jobs now' "$pocketstyle" compress run --to micro --method scratch "${smaller[@]}" --parallel=2 -o old
expect 0 'micro scratch' "$pocketstyle" compress run --to micro --method scratch "${smaller[@]}" --jobs=2 -o new
check cmp new/micro_scratch/final.safetensors old/micro_scratch/final.safetensors
finish

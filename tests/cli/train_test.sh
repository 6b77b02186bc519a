#!/usr/bin/env bash
# Training: refused, killed, stopped and resumed. tiny_run_test.sh has a run from start to end.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run

expect 2 'already holds a run' "$pocketstyle" "${tiny_train[@]}" --set run.folder=run
expect 3 'skipped .*broken.jpg' "$pocketstyle" "${tiny_train[@]}" --set run.folder=none --set data.min_side=4000
expect 3 'none of the 4 files can be used' "$pocketstyle" "${tiny_train[@]}" --set run.folder=none --set data.min_side=4000
check test ! -e none

# Killed at random moments and resumed, a run ends with the same bytes as an unbroken one. Each start is killed 0 to 9
# steps later, plus up to 60 ms. POCKETSTYLE_KILLS=20 kills it more often; POCKETSTYLE_TEST_SEED chooses other moments.
kills=${POCKETSTYLE_KILLS:-4}
kill_steps=$((10 * kills))
killed_at=()
start_or_resume() {
  if has_checkpoint killed; then
    exec "$pocketstyle" train --resume killed
  fi
  exec "$pocketstyle" "${tiny_train[@]}" --set run.folder=killed --set train.steps=$kill_steps
}
for ((i = 0; i < kills; ++i)); do
  start_or_resume >killed.log 2>&1 &
  more=$((RANDOM % 10))
  while [ "$(grep -c '^step [0-9]*/' killed.log)" -lt $more ] && kill -0 $! 2>/dev/null; do sleep 0.01; done
  [ $more -gt 0 ] || sleep "0.$((RANDOM % 900 + 100))"  # while it starts
  sleep "0.0$((RANDOM % 50 + 10))"
  kill -9 $! 2>/dev/null
  wait $! 2>/dev/null
  [ $? -ne 137 ] || killed_at+=("$(sed -n 's|^step \([0-9]*\)/.*|\1|p' killed.log | tail -1)")
done
echo "killed ${#killed_at[@]} times, after step: $(printf '%s ' "${killed_at[@]/#/ }")"
check test ${#killed_at[@]} -eq "$kills"
(start_or_resume) >/dev/null 2>&1
expect 0 'validation|weights' "$pocketstyle" train --resume killed
expect 0 . "$pocketstyle" "${tiny_train[@]}" --set run.folder=whole --set train.steps=$kill_steps
check cmp killed/final.safetensors whole/final.safetensors
losses() { grep -o '"step":[0-9]*,"loss":{[^}]*}' "$1/metrics.jsonl"; }
check cmp <(losses killed) <(losses whole)

# A file system that takes no file as large loses nothing that is saved; full_disk_test.sh fills a real one.
mkdir -p full/checkpoints
cp run/checkpoints/step-*4.safetensors full/checkpoints/
cp run/config.yaml full/
expect 3 'full/.*writing failed' bash -c "trap '' XFSZ; ulimit -f 6; '$pocketstyle' train --resume full"
check test "$(ls full/checkpoints)" = step-00000004.safetensors
expect 0 'weights: .*full/final' "$pocketstyle" train --resume full

# A signal stops it in order, and the run can be resumed.
"$pocketstyle" "${tiny_train[@]}" --set run.folder=stopped --set train.steps=100000 >stopped.log 2>&1 &
check until_true has_checkpoint stopped
kill -TERM $!
wait $!
check test $? -eq 143
expect 0 'go on with: pocketstyle train --resume' cat stopped.log
finish

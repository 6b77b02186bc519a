#!/usr/bin/env bash
# Training: refused, killed, stopped and resumed. tiny_run_test.sh has a run from start to end.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run

expect 2 'already contains a run' "$pocketstyle" "${tiny_train[@]}" --set run.folder=run
expect 3 'skipped .*broken.jpg' "$pocketstyle" "${tiny_train[@]}" --set run.folder=none --set data.min_side=4000
expect 3 'none of the 4 files is usable' "$pocketstyle" "${tiny_train[@]}" --set run.folder=none --set data.min_side=4000
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

# A run with a time, not a number of steps: told when it ends, killed once its steps are planned, and resumed; killed once more
# on the way, it ends with the same bytes.
expect 2 'train.steps: given together with train.minutes' "$pocketstyle" "${tiny_train[@]}" --minutes 5
timed=(train run/config.yaml --minutes 0.1 --set run.folder=timed)
"$pocketstyle" "${timed[@]}" >timed.log 2>&1 &
check until_true grep -q 'steps fit in' timed.log
kill -9 $!
wait $! 2>/dev/null
expect 0 'from step 0 for 0.1 minutes .*, until ' cat timed.log
planned=$(sed -n 's/.*: \([0-9]*\) steps fit in 0.1 minutes, until .*/\1/p' timed.log)
check until_true has_checkpoint timed
cp -r timed again
expect 0 "steps [0-9]+ to $planned," "$pocketstyle" train --resume timed
"$pocketstyle" train --resume again >again.log 2>&1 &
check until_true grep -q -E "step [0-9]*/$planned |weights: " again.log  # or it ended: a slow machine plans no more steps
kill -9 $!
wait $! 2>/dev/null
expect 0 "for a phone: pocketstyle export .*again -o out$" "$pocketstyle" train --resume again
check cmp timed/final.safetensors again/final.safetensors
check grep -q "^  steps: $planned " timed/config.yaml
check grep -q "\"kind\":\"plan\".*\"steps\":$planned,\"minutes\":0.1" timed/metrics.jsonl
expect 2 'another train.minutes' "$pocketstyle" train --resume timed --minutes 7
expect 0 "steps $planned to $((planned + 1))," "$pocketstyle" train --resume timed --set train.steps=$((planned + 1))

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
expect 0 'continue with: pocketstyle train --resume' cat stopped.log

# So do a closed terminal and a reader that is gone, and nothing is lost; output that cannot be written ends nothing.
newest() { ls "$1/checkpoints" | sed -n 's/^step-0*\([0-9]*\)\..*/\1/p' | sort -n | tail -1; }
long=("${tiny_train[@]}" --set train.steps=100000 --set run.checkpoint_every=100000)
"$pocketstyle" "${long[@]}" --set run.folder=hung-up >hung-up.log 2>&1 &
check until_true grep -q '^step 3/' hung-up.log
kill -HUP $!
wait $!
check test $? -eq 129
check test "$(newest hung-up)" -ge 3
"$pocketstyle" "${long[@]}" --set run.folder=no-reader 2>&1 | grep -m1 '^step 3/' >/dev/null
check test "${PIPESTATUS[0]}" -eq 141
check test "$(newest no-reader)" -ge 3
(trap '' PIPE; "$pocketstyle" "${tiny_train[@]}" --set run.folder=ignores-pipe 2>&1 | head -1 >/dev/null)
check test -s ignores-pipe/final.safetensors
expect 0 'writing to standard output failed' bash -c '"$@" >/dev/full' - "$pocketstyle" "${tiny_train[@]}" --set run.folder=full-output
check test -s full-output/final.safetensors
"$pocketstyle" "${tiny_train[@]}" --set run.folder=closed >&- 2>&-
check test $? -eq 0
check test -s closed/final.safetensors
check test "$(grep -vc '^{' closed/metrics.jsonl)" -eq 0

# Processors that the process may not use are not counted.
processor=$(taskset -pc $$ | sed 's/.*: //; s/[-,].*//')
expect 0 ', 1 threads' taskset -c "$processor" "$pocketstyle" "${tiny_train[@]}" --set run.folder=pinned --set run.threads=0
finish

#!/usr/bin/env bash
# Tests training in several processes as its users run it: on one machine, on "two", and when processes die.
set -u
. "$(dirname "$0")/helpers.sh"
unset RANK WORLD_SIZE LOCAL_RANK LOCAL_WORLD_SIZE MASTER_ADDR MASTER_PORT

tiny_photos
small=("${tiny_train[@]}" --set train.steps=8 --set train.batch=2 --set run.checkpoint_every=4)
long=("${small[@]}" --set train.steps=60 --set run.checkpoint_every=20)
if "$pocketstyle" "${small[@]}" --nproc-per-node 2 --set run.folder=none 2>&1 | grep 'in one process only'; then
  echo "SKIPPED: this LibTorch trains in one process only"
  exit 77
fi
rm -rf none

# find_port: sets port to one at which nothing listens; another one each time.
port=$((20000 + $$ % 20000))
find_port() {
  port=$((port + 1))
  while (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
}

# Wrong usage is reported at once.
expect 2 '--node-rank 2: expected 0 to 1' "$pocketstyle" "${small[@]}" --nnodes 2 --node-rank 2
expect 2 '--store tcp://x: expected file' "$pocketstyle" "${small[@]}" --nnodes 2 --store tcp://x
expect 2 'RANK is set in the environment but WORLD_SIZE is not' env RANK=0 "$pocketstyle" "${small[@]}"
expect 2 'RANK=2 in the environment: expected .* from 0 to 1' env RANK=2 WORLD_SIZE=2 "$pocketstyle" "${small[@]}"
expect 1 'nothing answers at 127.0.0.1:1 ' "$pocketstyle" "${small[@]}" --nnodes 2 --node-rank 1 --master-port 1 --timeout 1
expect 1 'rank 0 of 2: rank 1 did not join in time' "$pocketstyle" "${small[@]}" --nnodes 2 --store "file://$work/lonely" --timeout 1
expect 2 'unknown key' "$pocketstyle" "${small[@]}" --nproc-per-node 2 --set train.nonsense=1
check test ! -e none

# Two processes, started here, by hand as two machines, and by torchrun's variables, give the same bytes.
expect 0 '2 processes with 1 threads' "$pocketstyle" "${small[@]}" --nproc-per-node 2 --set run.folder=two
check test "$(grep -c '"kind":"step"' two/metrics.jsonl)" -eq 8
check test "$(ls two/checkpoints | grep -c step-)" -eq 2
find_port
"$pocketstyle" "${small[@]}" --nnodes 2 --node-rank 1 --master-port $port --set run.folder=none >machine1.log 2>&1 &
expect 0 'weights: ' "$pocketstyle" "${small[@]}" --nnodes 2 --master-port $port --set run.folder=machines
check wait $!
check test ! -s machine1.log -a ! -e none
check cmp two/final.safetensors machines/final.safetensors
find_port
by_environment() { env RANK="$1" WORLD_SIZE=2 LOCAL_RANK="$1" LOCAL_WORLD_SIZE=2 MASTER_PORT=$port "$pocketstyle" "${small[@]}" --set run.folder=environment; }
by_environment 1 >/dev/null 2>&1 &
expect 0 'weights: ' by_environment 0
check cmp two/final.safetensors environment/final.safetensors

# Processes that do not belong together.
"$pocketstyle" "${small[@]}" --nnodes 2 --node-rank 1 --store "file://$work/store1" --set train.batch=3 >other.log 2>&1 &
expect 2 'another process has a different configuration' "$pocketstyle" "${small[@]}" --nnodes 2 --store "file://$work/store1" --set run.folder=none
wait $!
check test $? -eq 2
expect 0 "rank 1 has 'batch: 3' where rank 0 has 'batch: 2'" cat other.log
check test ! -e none
expect 2 'another train.batch x train.accumulate x processes \(4, now 2\)' "$pocketstyle" train --resume two
expect 0 'weights: ' "$pocketstyle" train --resume two --set train.batch=4

# children PID: the processes that it started, in order of rank.
children() { cat "/proc/$1/task/$1/children"; }
gone() { [ ! -e "/proc/$1" ] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status"; }
reached() { grep -q "\"step\":$2," "$1/metrics.jsonl" 2>/dev/null; }

expect 0 'weights: ' "$pocketstyle" "${long[@]}" --nproc-per-node 2 --set run.folder=whole
# A process that is killed ends the run, which goes on as if unbroken.
for lost in 0 1; do
  run=lost$lost
  "$pocketstyle" "${long[@]}" --nproc-per-node 2 --set run.folder=$run >$run.log 2>&1 &
  launcher=$!
  check until_true reached $run $((7 + lost))
  read -r -a pids <<<"$(children $launcher)"
  kill -9 "${pids[lost]}"
  before=$SECONDS
  wait $launcher
  check test $? -eq 1
  check test $((SECONDS - before)) -le 10
  check grep -q "rank $lost (process ${pids[lost]}) was ended by signal 9" $run.log
  check grep -qE "rank $((1 - lost)) of 2 lost another process of this run: .*; step [0-9]+ is saved, continue with --resume" $run.log
  saved=$(sed -n 's/.*; step \([0-9]*\) is saved.*/\1/p' $run.log)
  check test -s "$(printf '%s/checkpoints/step-%08d.safetensors' $run "${saved:-0}")"
  expect 0 "steps ${saved:-none} to 60" "$pocketstyle" train --resume $run --nproc-per-node 2
  check cmp whole/final.safetensors $run/final.safetensors
done

# A signal to the starting process, or to one of the others, stops all at one step.
for to in launcher rank1; do
  run=stop_$to
  "$pocketstyle" "${long[@]}" --nproc-per-node 2 --set run.folder=$run >$run.log 2>&1 &
  launcher=$!
  check until_true reached $run 5
  read -r -a pids <<<"$(children $launcher)"
  if [ $to = launcher ]; then kill -TERM $launcher; else kill -TERM "${pids[1]}"; fi
  wait $launcher
  check test $? -eq 143
  check grep -q 'continue with: pocketstyle train --resume .* --nproc-per-node 2' $run.log
  expect 0 'weights: ' "$pocketstyle" train --resume $run --nproc-per-node 2
  check cmp whole/final.safetensors $run/final.safetensors
done

# Nobody trains on when the starting process is killed.
"$pocketstyle" "${long[@]}" --nproc-per-node 2 --set run.folder=orphans --set train.steps=100000 >orphans.log 2>&1 &
launcher=$!
check until_true reached orphans 3
read -r -a pids <<<"$(children $launcher)"
kill -9 $launcher
for pid in "${pids[@]}"; do check until_true gone "$pid"; done
check grep -q 'stopped at step' orphans.log

finish

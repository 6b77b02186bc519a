#!/usr/bin/env bash
# Tests training on other machines: workers that take jobs from a server's queue, both killed many times.
#   serve_worker_test.sh POCKETSTYLE REPOSITORY
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/helpers.sh"
. "$here/serve_control.sh"
worker_pid=
touch worker.err
stop_worker() {
  [ -n "$worker_pid" ] || return 0
  kill "-$1" "$worker_pid" 2>/dev/null || true
  wait "$worker_pid" 2>/dev/null
  worker_status=$?
  worker_pid=
}
trap 'stop_worker KILL; stop_server KILL; rm -rf "$work"' EXIT
port=$((20000 + $$ % 10000))
run_server() {  # on the port that the worker knows
  : >server.out  # of the one before
  "$pocketstyle" serve --data data --port $port --no-shipped-models --config tiny.yaml --jobs 0 --lease-seconds 8 >server.out 2>>server.err &
  server_pid=$!
  for ((i = 0; i < 300; ++i)); do grep -q 'Ctrl-C to stop' server.out && break; sleep 0.1; done
  url=http://127.0.0.1:$port
  token=$(cat data/token)
}
trainings() { grep -c ': training' worker.err; }
run_worker() {
  trained_before=$(trainings)
  "$pocketstyle" serve --worker $url --token-file data/token --data "worker$1" --config tiny.yaml >>worker.out 2>>worker.err &
  worker_pid=$!
}

write_tiny_config "$repository" tiny.yaml
picture=$style
run_server
expect 2 'needs --token-file' "$pocketstyle" serve --worker $url --data other --config tiny.yaml
expect 2 'expected a URL' "$pocketstyle" serve --worker ftp://x --token-file data/token --data other --config tiny.yaml
expect 2 "is a server's data folder" "$pocketstyle" serve --worker $url --token-file data/token --data data --config tiny.yaml
echo 0123456789abcdef0123 >wrong && chmod 600 wrong
expect 2 'refuses the token' timeout 60 "$pocketstyle" serve --worker $url --token-file wrong --data other --config tiny.yaml

# A job waits for a worker, is trained by it, and published here.
first=$(add_job "$picture" First -F steps=4)
sleep 1
check test "$(job_state "$first")" = queued
run_worker 1
check test "$(wait_for_job "$first" 'done|failed' 120)" = done
no_jobs_left() { [ -z "$(ls worker1/jobs)" ]; }
check until_true no_jobs_left

# Both are killed at random while jobs are trained; each job is published once, and goes on from a checkpoint that arrived.
kills=${KILLS:-4} steps=${STEPS:-120}
jobs=()
for name in Second Third; do jobs+=("$(add_job "$picture" $name -F steps=$steps)"); done
worker_trains() { [ "$(trainings)" -gt "$trained_before" ]; }
something_trains() { curl -s "$url/api/v1/jobs" | grep -qE '"state":"(queued|training)"'; }
for ((round = 0; round < kills; ++round)); do
  something_trains || jobs+=("$(add_job "$picture" "Job $round" -F steps=$steps)")
  until_true worker_trains
  sleep $((RANDOM % 4)).$((RANDOM % 10))
  if ((round % 2 == 0)); then
    stop_worker KILL
    run_worker $((1 + round % 3))
  else
    stop_server KILL
    sleep 0.5
    run_server
  fi
done
for id in "${jobs[@]}"; do
  check test "$(wait_for_job "$id" 'done|failed' 600)" = done
  last=$(grep -o '"step":[0-9]*' "data/jobs/$id/run/metrics.jsonl" | grep -o '[0-9]*$' | sort -n | tail -1)
  check test "$last" = "$steps"
done
check test "$(curl -s "$url/api/v1/models" | grep -o '"job_id":"[0-9a-f]*"' | sort -u | wc -l)" = $((1 + ${#jobs[@]}))
check test "$(curl -s "$url/api/v1/jobs" | grep -o '"state":"done"' | wc -l)" = $((1 + ${#jobs[@]}))
check test -z "$(find data/models -name '.staging-*')"
echo "killed: $(((kills + 1) / 2)) times the worker, $((kills / 2)) times the server; ${#jobs[@]} jobs; went on from a checkpoint: $(grep -c 'goes on from a checkpoint' worker.err) times"

# Cancelled, it stops on its worker; stopped politely, a worker gives its job back at once.
long=$(add_job "$picture" Long -F steps=90000)
check test "$(wait_for_job "$long" training 60)" = training
check test "$(api_status POST "jobs/$long/cancel")" = 200
for ((i = 0; i < 900; ++i)); do grep -q "job $long: the server has lent it\|job $long: was lost" worker.err && break; sleep 0.1; done
check grep -q "job $long: the server has lent it\|job $long: was lost" worker.err
check test "$(api_status POST "jobs/$long/resume")" = 200
check test "$(wait_for_job "$long" training 60)" = training
for ((i = 0; i < 200; ++i)); do compgen -G "data/jobs/$long/run/checkpoints/step-*" >/dev/null && break; sleep 0.1; done
stop_worker TERM
check test "$worker_status" = 0
check test "$(job_state "$long")" = queued
check test "$(ls "data/jobs/$long/run/checkpoints" | grep -c step)" -ge 1
check test "$(api_status POST "jobs/$long/cancel")" = 200
stop_server TERM
check test "$server_status" = 0
finish

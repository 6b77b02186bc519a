#!/usr/bin/env bash
# Puts the training server under load, kills it at random times, and sends it nonsense. Writes docs/benchmarks/serve.txt. After
# scripts/build.sh; needs Node and curl. About 10 minutes.
#   scripts/dev/soak_serve.sh [SECONDS_OF_LOAD] [KILLS] [NONSENSE_MESSAGES]
. "$(dirname "$0")/../common.sh"
seconds=${1:-60} kills=${2:-20} messages=${3:-3000}
picture=$root/third_party/styles/starry_night.jpg
result=$root/docs/benchmarks/serve.txt
. tests/cli/serve_control.sh
work=$(mktemp -d)
trap 'stop_server KILL || true; rm -rf "$work"' EXIT
cd "$work"
write_tiny_config "$root" tiny.yaml
failures=0
say() { echo "$*" | tee -a "$work/result.txt"; }
must() { "$@" || { failures=$((failures + 1)); say "FAILED: $*"; }; }
rss_mb() { awk '/^VmRSS/ {printf "%.0f", $2 / 1024}' "/proc/$server_pid/status"; }

say "$(header "" "load average before: $(cut -d' ' -f1-3 /proc/loadavg)")"

say "
Load, while nothing trains; clients and server on one machine:"
start_server data --config tiny.yaml --behind-proxy  # so that the nonsense can come from many addresses
id=$(add_job "$picture" First -F steps=2)
must test "$(wait_for_job "$id" 'done|failed' 120)" = done
before=$(rss_mb)
node "$root/scripts/dev/soak_clients.mjs" "$url" 200 5 >/dev/null || true  # every thread has been used once
warm=$(rss_mb)
must node "$root/scripts/dev/soak_clients.mjs" "$url" 200 "$seconds" >load.txt
say "$(cat load.txt)"
say "memory of the server: $before MB before, $warm MB after 5 s, $(rss_mb) MB after all"

say "
Nonsense:"
must node "$root/scripts/dev/fuzz_serve.mjs" "$url" "$token" "$picture" "$messages" >nonsense.txt
say "$(cat nonsense.txt)"
say "memory of the server: $(rss_mb) MB"
must kill -0 "$server_pid"
must test "$(ls data/jobs)" = "$id"  # nothing of it became a job, or was left
stop_server TERM
must test "$server_status" = 0

say "
Killed (SIGKILL) at random times while it takes, trains and publishes jobs:"
declare -A caught
# The answer may be lost with the server: the same key asks again.
ask_for() { [ "$1" -eq 0 ] || add_job "$picture" "Job $1" -H "Idempotency-Key: $1" -F steps=8 || true; }
for ((round = 1; round <= kills; ++round)); do
  start_server data --config tiny.yaml --jobs $((1 + RANDOM % 2))
  ask_for $((round - 1)) >/dev/null
  ask_for $round >/dev/null &
  asked=$!
  sleep "$((RANDOM % 12)).$((RANDOM % 10))"
  state=$(curl -s "$url/api/v1/jobs" | grep -oE '"state":"(training|publishing)"' | cut -d'"' -f4 | sort -u | paste -sd+ || true)
  caught[${state:-neither}]=$((${caught[${state:-neither}]:-0} + 1))
  stop_server KILL
  wait $asked || true
done
start_server data --config tiny.yaml --jobs 2
for ((k = 1; k <= kills; ++k)); do ask_for $k >/dev/null; sleep 1; done
for ((i = 0; i < 6000; ++i)); do curl -s "$url/api/v1/jobs" | grep -qE '"state":"(queued|training|publishing)"' || break; sleep 0.1; done
curl -s "$url/api/v1/jobs" >jobs.json
curl -s "$url/api/v1/models" >models.json
names() { grep -o '"name":"Job [0-9]*"' "$1" | sort; }
expected=$(for ((k = 1; k <= kills; ++k)); do echo "\"name\":\"Job $k\""; done | sort)
must test "$(names jobs.json)" = "$expected"
must test "$(names models.json)" = "$expected"
must test "$(grep -o '"state":"done"' jobs.json | wc -l)" = $((kills + 1))
must test "$(ls -A data/models)" = "$(ls -A data/jobs)"
resumed=$( (grep -l '"started_at_step": [1-9]' data/jobs/*/run/run.json || true) | wc -l)
stop_server TERM
say "$kills kills; while it was $(for state in "${!caught[@]}"; do printf '%s: %s, ' "$state" "${caught[$state]}"; done | sed 's/, $//')"
say "$(wc -l <<<"$expected") jobs asked for, $(names jobs.json | wc -l) there, $(grep -o '"state":"done"' jobs.json | wc -l) done with the first, $(names models.json | wc -l) models; $resumed trainings had gone on from a checkpoint"

say "
$([ $failures -eq 0 ] && echo 'All as it must be.' || echo "$failures failures.")"
cp "$work/result.txt" "$result.new"
publish "$result"
exit $((failures > 0))

#!/usr/bin/env bash
# A disk that is really full, a tmpfs of a few MB: nothing that was saved is lost, the error is clear, and the work goes
# on when there is room. Mounts in a namespace of its own, as root or where users may; exit code 77 where neither is so.
#   full_disk_test.sh PATH_TO_POCKETSTYLE REPOSITORY
set -u
if [ "${1:-}" != --inside ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(--user --map-root-user)
  unshare "${as_root[@]}" --mount mount -t tmpfs tmpfs "$work" 2>/dev/null || { echo "SKIPPED: cannot mount"; exit 77; }
  unshare "${as_root[@]}" --mount "$0" --inside "$1" "$2" "$work"
  exit $?
fi
pocketstyle=$2
repository=$3
cd "$4" || exit 1
mkdir disk saved
failures=0

# fails COMMAND...: exit code 3 and one line that says that the disk is full.
fails() {
  local output status
  output=$("$@" 2>&1)
  status=$?
  check "$1 $2" [ "$status" -eq 3 ]
  check "$1 $2 says: $output" grep -qE 'pocketstyle: .*disk/.*(No space left on device|disk full)' <<<"$output"
}
check() {
  local what=$1
  shift
  "$@" || { failures=$((failures + 1)); echo "FAILED: $what"; }
}
# fill KILOBYTES: leaves so many free.
fill() {
  rm -f disk/ballast
  local free
  free=$(df --output=avail -k disk | tail -1)
  head -c $(((free - $1) * 1024)) /dev/zero >disk/ballast 2>/dev/null
}
unchanged() { check "$1 is unchanged" cmp -s "disk/$1" "saved/$(basename "$1")"; }
no_leftovers() {
  local found
  found=$(find disk -name '*.tmp*' -o -name '.staged*')
  check "no temporary files: $found" [ -z "$found" ]
}

train=("$pocketstyle" train "$repository/configs/demo.yaml" --set data.crop=32 --set data.window_max=48
       --set data.held_out_size=32 --set data.held_out_photos=2 --set train.batch=2 --set train.warmup=2
       --set run.checkpoint_every=2 --set run.evaluate_every=100 --set run.log_every=1 --set run.threads=1)
"${train[@]}" --set train.steps=8 --set run.folder=whole >whole.log 2>&1 || { cat whole.log; exit 1; }
checkpoint_kb=$(($(stat -c %s whole/checkpoints/step-00000008.safetensors) / 1024))
mount -t tmpfs -o size=$((5 * checkpoint_kb))k tmpfs disk || exit 1

echo "== Training =="
fill $((checkpoint_kb * 5 / 2))  # for two checkpoints
fails "${train[@]}" --set train.steps=8 --set run.folder=disk/run
cp disk/run/checkpoints/step-00000002.safetensors saved/ || exit 1
for kilobytes in $((checkpoint_kb / 2)) 8 0; do  # no room for the next checkpoint, for a line of metrics, for anything
  fill $kilobytes
  fails "$pocketstyle" train --resume disk/run
  unchanged run/checkpoints/step-00000002.safetensors
  check "config.yaml is whole" bash -c "'$pocketstyle' config disk/run/config.yaml >/dev/null"
  no_leftovers
done
rm disk/ballast
"$pocketstyle" train --resume disk/run >run.log 2>&1 || { cat run.log; failures=$((failures + 1)); }
losses() { grep -o '"step":[0-9]*,"loss":{[^}]*}' "$1/metrics.jsonl"; }
check "the same weights as of a run that never met a full disk" cmp whole/final.safetensors disk/run/final.safetensors
check "the same losses" cmp <(losses whole) <(losses disk/run)

echo "== Export, stylize, import =="
photo=$repository/third_party/photos/val/city10.jpg
rm -rf disk/run
"$pocketstyle" export whole -o disk/out --name net --format onnx >/dev/null || exit 1
"$pocketstyle" stylize whole "$photo" -o disk/styled.png --size 64 >/dev/null || exit 1
cp disk/out/net.onnx disk/out/net.onnx.json disk/styled.png saved/
for kilobytes in 900 0; do  # room for the first of several files; for none
  fill $kilobytes
  fails "$pocketstyle" export whole -o disk/out --name net --force
  unchanged out/net.onnx
  unchanged out/net.onnx.json
  check "no other file: $(ls disk/out)" [ "$(ls disk/out | wc -l)" -eq 2 ]
  no_leftovers
done
fails "$pocketstyle" stylize whole "$photo" -o disk/styled.png --size 512 --force
unchanged styled.png
check "each photo is named" grep -q '2 of 2 photos failed' \
  <<<"$("$pocketstyle" stylize whole "$photo" "${photo/10/12}" -o disk/styled --size 256 2>&1)"
fails "$pocketstyle" weights import "$repository/third_party/vgg16/vgg16_conv4_3.safetensors" -o disk/vgg.safetensors
fails "$pocketstyle" report mini -o disk/report.txt
check "nothing new: $(ls disk)" [ ! -e disk/vgg.safetensors -a ! -e disk/report.txt ]
no_leftovers

echo "== Serve =="
. "$repository/tests/cli/serve_control.sh"
workers=()
trap 'kill -KILL "${workers[@]}" 2>/dev/null; stop_server KILL' EXIT
run_worker() {
  "$pocketstyle" serve --worker "$url" --token-file disk/server/token --data "$1" --config tiny.yaml >>"$2" 2>&1 &
  workers+=($!)
}
until_true() { for ((try = 0; try < 600; ++try)); do "$@" && return; sleep 0.1; done; return 1; }
rm -rf disk/*
write_tiny_config "$repository" tiny.yaml
start_server disk/server --config tiny.yaml --jobs 0 || exit 1
run_worker worker worker.log
first=$(add_job "$repository/third_party/styles/starry_night.jpg" First -F steps=4)
check "a job before" [ "$(wait_for_job "$first" 'done|failed' 60)" = done ]
check "its files" wait_until_prepared
add_model_file() { status -m 60 "$url/api/v1/models/$1/files/mini.onnx"; }

# While results arrive: the server stays, says so, and takes them when there is room.
second=$(add_job "$repository/third_party/styles/starry_night.jpg" Second -F steps=80)
arrived() { compgen -G "disk/server/jobs/$second/run/checkpoints/step-*" >/dev/null; }
check "results arrive" until_true arrived
fill 0
check "the server says that the disk is full" until_true grep -q 'No space left on device\|disk is full' server.err
check "the worker hears of it" until_true grep -q 'status 500' worker.log
check "the server is well" [ "$(status "$url/api/v1/health")" = 200 ]
rm disk/ballast
check "the job ends well" [ "$(wait_for_job "$second" 'done|failed' 300)" = done ]
fill 0
check "a file cannot be made now: $(add_model_file "$second")" [ "$(add_model_file "$second")" = 503 ]
check "the server is well again" [ "$(status "$url/api/v1/health")" = 200 ]
rm disk/ballast
check "but later" [ "$(add_model_file "$second")" = 200 ]

# On the worker's side, on a disk of its own, so that the server can note it: the job goes back at once.
kill -TERM "${workers[0]}"
wait "${workers[0]}"
third=$(add_job "$repository/third_party/styles/starry_night.jpg" Third -F steps=4)
mkdir small
mount -t tmpfs -o size=64k tmpfs small
run_worker small/worker full.log
check "a worker without room says so" until_true grep -q "job $third: .*No space left on device" full.log
kill -TERM "${workers[1]}"
wait "${workers[1]}"
check "and gives it back" [ "$(job_state "$third")" = queued ]
mount -o remount,size=$((5 * checkpoint_kb))k small
run_worker small/worker full.log
check "which is trained later" [ "$(wait_for_job "$third" 'done|failed' 60)" = done ]
kill -TERM "${workers[2]}"
stop_server TERM
check "the server ends well" [ "$server_status" -eq 0 ]
[ $failures -eq 0 ] || tail -n 5 server.err worker.log full.log

[ $failures -eq 0 ] && echo "passed"

#!/usr/bin/env bash
# Measures the training server's first start in an empty folder: until the gallery has every shipped model, and until a file is there
# that somebody asks for. Writes docs/benchmarks/first_start.txt. After scripts/build.sh; needs curl. A minute.
#   scripts/bench/first_start.sh [TIMES]      3, unless it is said
. "$(dirname "$0")/../common.sh"
result=$root/docs/benchmarks/first_start.txt
load=$(cut -d' ' -f1-3 /proc/loadavg)
work=$(mktemp -d)
server=
stop() {
  [ -z "$server" ] || { kill -TERM "$server" 2>/dev/null && wait "$server" || true; }
  server=
}
trap 'stop; rm -rf "$work"' EXIT
models=$(find models -mindepth 2 -name '*.safetensors' -not -path 'models/base/*' | wc -l)
styles=$(shipped_styles | wc -l)

seconds_since() { awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.2f", to - from }'; }
list() { curl -s "$url/api/v1/models"; }
count() { list | grep -o "$1" | wc -l; }
# until_there NUMBER PATTERN: until the list of models has so many.
until_there() { while [ "$(count "$2")" -lt "$1" ]; do sleep 0.05; done; }

header "" "load average before: $load" >"$result.new"
echo "Seconds from the program's start in an empty folder; then the seconds that each style's mini.int8.rgba.onnx takes when asked for, one
after the other, while the server makes the other files." >>"$result.new"
for ((time = 1; time <= ${1:-3}; ++time)); do
  begin=$EPOCHREALTIME
  "$pocketstyle" serve --data "$work/$time" --port 0 >"$work/out" 2>"$work/err" &
  server=$!
  until grep -q 'Ctrl-C to stop' "$work/out"; do
    kill -0 $server 2>/dev/null || die "$(cat "$work/err")"
    sleep 0.02
  done
  url=$(grep -o 'http://[^ ]*' "$work/out")
  line="$time: answers $(seconds_since "$begin")"
  until_there "$models" '"macs_256":'
  line+=", all $models models of $styles styles in the gallery $(seconds_since "$begin"); files:"
  for style in $(shipped_styles); do
    asked=$EPOCHREALTIME
    curl -sf -o /dev/null "$url/api/v1/models/$style-mini/files/mini.int8.rgba.onnx" || die "$style: no file"
    line+=" $(seconds_since "$asked")"
  done
  until_there "$models" '"thumbnail_url":"[^"]*/thumbnail"'
  line+="; every thumbnail $(seconds_since "$begin")"
  echo "$line" | tee -a "$result.new"
  stop
done
publish "$result"

# shellcheck shell=bash disable=SC2034,SC2154  # it shares variables with what sources it
# Sourced by what tests the training server: starts and stops it, and asks it for things. Wants $pocketstyle.
server_pid=

# start_server DATA [OPTIONS]: sets url and token. What it says is in server.out and server.err.
start_server() {
  local data=$1
  shift
  : >server.out  # of an earlier server
  "$pocketstyle" serve --data "$data" --port 0 --no-shipped-models "$@" >server.out 2>server.err &
  server_pid=$!
  for ((i = 0; i < 300; ++i)); do
    grep -q 'Ctrl-C to stop' server.out && break
    kill -0 $server_pid 2>/dev/null || break
    sleep 0.1
  done
  url=$(grep -o 'http://[^ ]*' server.out) || { cat server.out server.err; return 1; }
  token=$(cat "$data/token")
}

# stop_server SIGNAL: sets server_status to how it ended.
stop_server() {
  [ -n "$server_pid" ] || return 0
  kill "-$1" "$server_pid" 2>/dev/null || true
  server_status=0
  wait "$server_pid" 2>/dev/null || server_status=$?
  server_pid=
}

# status CURL'S ARGUMENTS: a reply's code. reply_header NAME CURL'S ARGUMENTS: one of its headers.
status() { curl -s -o /dev/null -w '%{http_code}' "$@"; }
reply_header() { curl -s -o /dev/null -D - "${@:2}" | tr -d '\r' | sed -n "s/^$1: //Ip"; }
api_status() { curl -s -o /dev/null -w '%{http_code}' -X "$1" -H "Authorization: Bearer $token" "${@:3}" "$url/api/v1/$2"; }

# add_job PICTURE NAME [CURL'S OPTIONS]: prints the job's id.
add_job() {
  curl -s -H "Authorization: Bearer $token" -F "style=@$1" -F "name=$2" -F preset=mini -F budget=quick "${@:3}" "$url/api/v1/jobs" |
    grep -o '"id":"[0-9a-f]*"' | cut -d'"' -f4
}
job_state() { curl -s "$url/api/v1/jobs/$1" | grep -o '"state":"[a-z]*"' | cut -d'"' -f4; }

# wait_for_job ID STATES SECONDS: prints the state it came to.
wait_for_job() {
  local state=
  for ((i = 0; i < 10 * $3; ++i)); do
    state=$(job_state "$1")
    grep -qxE "$2" <<<"$state" && break
    sleep 0.1
  done
  echo "$state"
}

# wait_until_prepared: until every picture and file of every model is there, or cannot be.
wait_until_prepared() {
  for ((i = 0; i < 3000; ++i)); do
    curl -s "$url/api/v1/models" | grep -q '"preparing":null' && return
    sleep 0.1
  done
  return 1
}

# write_tiny_config REPOSITORY FILE: of a network and photos so small that a training takes seconds.
write_tiny_config() {
  mkdir -p photos/train photos/held_out
  cp "$1"/third_party/photos/train/beach[0-2].jpg photos/train/
  cp "$1"/third_party/photos/val/city10.jpg photos/held_out/
  cat >"$2" <<YAML
net: {widths: [4, 6, 8], mid: 4, blocks: 1}
style: {image: $1/third_party/styles/starry_night.jpg, size: 64}
data: {train: photos/train, held_out: photos/held_out, crop: 32, window_max: 48, held_out_size: 32, held_out_photos: 1}
train: {steps: 20, warmup: 2, batch: 1}
YAML
}

#!/usr/bin/env bash
# Tests the training server as its users meet it: over HTTP, killed, and started again.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/helpers.sh"
. "$here/serve_control.sh"
trap 'stop_server KILL; rm -rf "$work"' EXIT

write_tiny_config "$repository" tiny.yaml
picture=$style

expect 2 'data is required' "$pocketstyle" serve
printf 'train: {stepz: 1}\n' >bad.yaml
expect 2 'train.stepz' timeout 20 "$pocketstyle" serve --data none --config bad.yaml --port 0
expect 2 '192.0.2.1:0: cannot listen there' timeout 20 "$pocketstyle" serve --data none --host 192.0.2.1 --port 0
check test ! -e none

start_server data --config tiny.yaml
check test "$(stat -c %a data/token)" = 600
check test -z "$(grep -F "$token" server.out server.err)"
expect 2 'another server uses this folder' timeout 20 "$pocketstyle" serve --data data --port 0

# Reading is open; what is sent along.
expect 0 '^\{"status":"ok","version":"[0-9.]+"\}$' curl -s "$url/api/v1/health"
expect 0 '"budgets":\[\{"name":"quick","title":"Quick look","minutes":1.0,"crop":64\}' curl -s "$url/api/v1/options"
expect 0 '^\{"models":\[\],"next":null,"preparing":null\}$' curl -s "$url/api/v1/models"
expect 0 '"openapi": "3.1.0"' curl -s "$url/api/v1/openapi.json"
expect 0 '<title>pocketstyle|no web app' curl -s "$url/"
for path in /api/v1/health /api/v1/none /; do
  check test "$(reply_header X-Content-Type-Options "$url$path")" = nosniff
  check test "$(reply_header Cross-Origin-Embedder-Policy "$url$path")" = require-corp
  check grep -q "frame-ancestors 'none'" <<<"$(reply_header Content-Security-Policy "$url$path")"
done
check test "$(status --head "$url/api/v1/models")" = 200

# Who may not.
check test "$(status -X POST "$url/api/v1/token/check")" = 401
expect 0 '^\{"code":"no_token","error":"expected the server' curl -s -X POST "$url/api/v1/token/check"
check test "$(status -X POST -H "Authorization: bEARER $token" "$url/api/v1/token/check")" = 204
check test "$(status "$url/api/jobs")$(status "$url/api/v2/jobs")" = 404404
check test "$(status -H 'Authorization: Bearer wrong' -F name=x "$url/api/v1/jobs")" = 401
check test "$(status -X DELETE "$url/api/v1/models/x")" = 401
check test "$(api_status POST token/check)" = 204
check test "$(status -H 'Host: evil.example' "$url/api/v1/health")" = 403
check test "$(status -H "Host: localhost:1" "$url/api/v1/health")" = 200
check test "$(status -X PUT -d x "$url/api/v1/jobs")" = 405
check test "$(status -X TRACE "$url/")" = 405

# What is no training: nothing is kept of it.
printf 'this is text\n' >text.jpg
printf '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0' >bomb.png
head -c 20000 "$picture" >cut.jpg
head -c 17000000 /dev/zero >large.jpg
ask() { curl -s -w '\n%{http_code}' -H "Authorization: Bearer $token" -F "style=@$1" -F "name=$2" -F "preset=$3" -F "budget=$4" "${@:5}" "$url/api/v1/jobs"; }
expect 0 'expected a JPEG, PNG or WebP.*|^400$' ask text.jpg Text mini quick
check test "$(ask text.jpg Text mini quick | tail -1)" = 400
expect 0 'at most 50 megapixels, found 60000x60000' ask bomb.png Bomb mini quick
check test "$(ask large.jpg Large mini quick | tail -1)" = 413
expect 0 'damaged and cannot be decoded' ask cut.jpg Cut mini quick
expect 0 'name: expected 1 to 60 characters' ask "$picture" "" mini quick
expect 0 'expected one of original' ask "$picture" Name huge quick
expect 0 'steps: expected a number from 1' ask "$picture" Name mini quick -F steps=0
expect 0 'minutes: expected a number from 0.1 to 1440' ask "$picture" Name mini quick -F minutes=0
expect 0 'steps: given together with minutes' ask "$picture" Name mini quick -F minutes=1 -F steps=4
check test "$(api_status POST jobs -H 'Content-Type: application/json' -d '{}')" = 415
check test -z "$(ls data/jobs)"

# Nothing but what is named can be had.
for path in /../token /%2e%2e/token /api/v1/models/../../token /api/v1/models/..%2f..%2ftoken/files/x /api/v1/jobs/%2e%2e/style \
  '/api/v1/models/%00/files/x' /api/v1/jobs/../../data/token//style /token; do
  check test "$(status --path-as-is "$url$path")" = 404
done

# A training from the picture to the files, asked for twice with one key.
id=$(add_job "$picture" 'The Wave' -H 'Idempotency-Key: one' -F steps=4)
check test "$(add_job "$picture" 'The Wave' -H 'Idempotency-Key: one' -F steps=4)" = "$id"
check test "$(ask "$picture" 'The Wave' mini quick -F steps=5 -H 'Idempotency-Key: one' | tail -1)" = 422
curl -sN -m 60 "$url/api/v1/jobs/$id/events" >events.txt
check test "$(wait_for_job "$id" 'done|failed' 60)" = done
check test "$(grep -c '^id: ' events.txt)" = 4
expect 0 '^data: .*"state":"done"' tail -2 events.txt
expect 0 '"name":"The Wave","state":"done".*"step":4,"steps":4,"minutes":null' curl -s "$url/api/v1/jobs/$id"
check test "$(curl -s "$url/api/v1/jobs" | grep -o '"id"' | wc -l)" = 1
check test "$(curl -s "$url/api/v1/models" | grep -o '"job_id":"'"$id" | wc -l)" = 1
check test "$(status "$url/api/v1/jobs/$id/style")$(status "$url/api/v1/jobs/$id/preview")" = 200200
check test "$(status "$url/api/v1/models/$id/style")" = 200
expect 0 'mini.int8.rgba.onnx","kind":"onnx","io":"rgba","precision":"int8",' curl -s "$url/api/v1/models/$id"
check test "$(api_status POST "jobs/$id/cancel")" = 409
check test "$(api_status POST "jobs/$id/resume")" = 409

# A file whole, in parts, and not at all.
name=api/v1/models/$id/files/mini.rgba.onnx
file=$url/$name
curl -s "$file" -o whole.onnx
check cmp whole.onnx "data/models/$id/files/mini.rgba.onnx"  # made for this request, before its turn
expect 0 '"name":"mini.rgba.onnx".*"state":"ready".*"sha256":"'"$(sha256sum <whole.onnx | cut -d' ' -f1)" curl -s "$file/info"
curl -s -r 0-999 "$file" -o part.onnx && curl -s -r 1000- "$file" >>part.onnx
check cmp whole.onnx part.onnx
check test "$(reply_header ETag "$file")" = "\"$(sha256sum <whole.onnx | cut -d' ' -f1)\""
check test "$(reply_header Content-Range -r -5 "$file")" = "bytes $(($(stat -c %s whole.onnx) - 5))-$(($(stat -c %s whole.onnx) - 1))/$(stat -c %s whole.onnx)"
check test "$(status -r 99999999- "$file")" = 416
check test "$(status -H "If-None-Match: $(reply_header ETag "$file")" "$file")" = 304
check test "$(status -r 0-9 -H 'If-Range: "old"' "$file")" = 200
check test "$(reply_header Content-Length --head "$file")" = "$(stat -c %s whole.onnx)"
check test "$(status "$url/api/v1/models/$id/files/mini.rgba.onnx.json")" = 404
check wait_until_prepared
check cmp whole.onnx "data/models/$id/files/mini.rgba.onnx"  # the comparison with the network changed nothing
check test "$(status "$url/api/v1/models/$id/thumbnail")" = 200
check test "$(curl -s "$url/api/v1/models/$id" | grep -o '"state":"ready","verified":true' | wc -l)" = 16

# Killed while it trains, and while it publishes: done once all the same.
trains=$(add_job "$picture" Killed -F steps=200)
check test "$(wait_for_job "$trains" training 20)" = training
for ((i = 0; i < 200; ++i)); do compgen -G "data/jobs/$trains/run/checkpoints/step-*" >/dev/null && break; sleep 0.1; done
stop_server KILL
start_server data --config tiny.yaml
check test "$(wait_for_job "$trains" 'training' 20)" = training
# The job has that state already when the server starts, before its training goes on.
for ((i = 0; i < 200; ++i)); do grep -q 'resuming training' server.err && break; sleep 0.1; done
check grep -q 'resuming training' server.err
check test "$(api_status POST "jobs/$trains/cancel")" = 200
publishes=$(add_job "$picture" Published -F steps=1)
for ((i = 0; i < 3000; ++i)); do [ -d "data/models/.staging-$publishes" ] && break; sleep 0.01; done
stop_server KILL
check test -d "data/models/.staging-$publishes"
start_server data --config tiny.yaml
check test "$(wait_for_job "$publishes" 'done|failed' 60)" = done
check test "$(curl -s "$url/api/v1/models" | grep -o '"name":"Published"' | wc -l)" = 1
check test "$(ls -A data/models | sort)" = "$(printf '%s\n' "$id" "$publishes" | sort)"

# A time instead of steps, which the job tells when it knows them.
in_time=$(add_job "$picture" 'In time' -F minutes=0.1)
check test "$(wait_for_job "$in_time" 'done|failed' 60)" = done
expect 0 '"state":"done".*"step":([0-9]+),"steps":\1,"minutes":0.1' curl -s "$url/api/v1/jobs/$in_time"
check test "$(api_status DELETE "models/$in_time")" = 204

# Stopped on request, it leaves a checkpoint and the job in the queue.
check test "$(api_status POST "jobs/$trains/resume")" = 200
check test "$(wait_for_job "$trains" training 20)" = training
stop_server TERM
check test "$server_status" = 0
check grep -q '^stopped' server.out
start_server data --config tiny.yaml --web "$repository/tests/cli"
check test "$(wait_for_job "$trains" training 20)" = training
check test "$(api_status POST "jobs/$trains/cancel")" = 200
check test "$(api_status DELETE "jobs/$trains")" = 204
check test "$(status "$url/api/v1/jobs/$trains")" = 404
check test "$(api_status DELETE "jobs/$id")$(api_status DELETE "models/$id")" = 204204
check test "$(status "$url/$name")" = 404

# Wrong tokens are counted, and do not stop the right one.
for ((i = 0; i < 12; ++i)); do last=$(status -H 'Authorization: Bearer wrong' -X POST "$url/api/v1/token/check"); done
check test "$last" = 429
check test "$(reply_header Retry-After -H 'Authorization: Bearer wrong' -X POST "$url/api/v1/token/check")" -gt 0
check test "$(api_status POST token/check)" = 204
stop_server TERM
check test "$server_status" = 0
finish

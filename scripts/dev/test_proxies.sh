#!/usr/bin/env bash
# Tests the training server behind the proxies of docs/serve.md, nginx and Caddy, with the configurations given there:
# HTTPS, uploads, live events, ranges, refused names and addresses, attack_serve.mjs, and a worker that comes through the proxy. After
# scripts/build.sh; installs the two if they are missing. A few minutes.
. "$(dirname "$0")/../common.sh"
scripts/install_deps.sh nginx-light caddy openssl
. tests/cli/helpers.sh  # a scratch folder, and we are in it
. "$root/tests/cli/serve_control.sh"
proxy= worker=
stop_all() {
  for process in $proxy $worker; do kill "$process" 2>/dev/null || true; done
  stop_server KILL
  rm -rf "$work"
}
trap stop_all EXIT
set +e
host=style.example.org
port=18443
picture=$style

write_tiny_config "$root" tiny.yaml
start_server data --config tiny.yaml --allowed-host $host --behind-proxy
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=$host -addext "subjectAltName=DNS:$host,DNS:localhost" \
  -keyout key.pem -out certificate.pem 2>/dev/null

# block NAME: the indented lines below "NAME:" in docs/serve.md.
block() { sed -n "/^$1:\$/,/^[^ ]/p" "$root/docs/serve.md" | sed -n '/^    /s/^    //p'; }
run_nginx() {
  {
    echo "user $(id -un) $(id -gn); daemon off; pid $work/nginx.pid; error_log $work/nginx.log; events {} http { access_log off;"
    for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $work/nginx-$kind;"; done
    echo "upstream kept { server ${url#http://}; keepalive 8; }"
    block nginx | sed "s|listen 443|listen 127.0.0.1:$port|; s|/etc/ssl/$host.pem|$work/certificate.pem|; s|/etc/ssl/$host.key|$work/key.pem|; \
      s|http://127.0.0.1:8080|http://kept|; s|proxy_http_version 1.1;|proxy_http_version 1.1; proxy_set_header Connection '';|"
    echo "}"
  } >nginx.conf
  nginx -e "$work/nginx.log" -c "$work/nginx.conf" &
  proxy=$!
}
run_caddy() {
  {
    printf '{\n  admin off\n  auto_https disable_redirects\n}\n'
    block Caddy | sed "s|^$host {|$host:$port, localhost:$port {\n  tls $work/certificate.pem $work/key.pem|; s|127.0.0.1:8080|${url#http://}|"
  } >Caddyfile
  XDG_DATA_HOME=$work XDG_CONFIG_HOME=$work caddy run --config "$work/Caddyfile" --adapter caddyfile >caddy.log 2>&1 &
  proxy=$!
}
curl() { command curl --cacert "$work/certificate.pem" --resolve "$host:$port:127.0.0.1" "$@"; }

for kind in nginx caddy; do
  run_$kind
  url=https://$host:$port  # the server's address as the proxy's clients see it
  for ((i = 0; i < 100; ++i)); do [ "$(status "$url/api/v1/health")" = 200 ] && break; sleep 0.1; done
  check test "$(status "$url/api/v1/health")" = 200
  check grep -q "frame-ancestors 'none'" <<<"$(reply_header Content-Security-Policy "$url/")"
  check test -z "$(curl -s -H 'Host: evil.example' "$url/api/v1/health" | grep '"status"')"

  head -c 16900000 /dev/zero >large.jpg  # above the server's limit, below the proxy's: the server answers
  expect 0 '"code":"too_large"' curl -s -H "Authorization: Bearer $token" -F style=@large.jpg -F name=Large -F preset=mini \
    -F budget=quick "$url/api/v1/jobs"
  check test "$(status -F "style=@$picture" -F name=x -F preset=mini -F budget=quick "$url/api/v1/jobs")" = 401
  id=$(add_job "$picture" $kind -F steps=30)
  # Each event with the state that the job has when it comes: they must not be held back until the end.
  curl -sN -m 120 "$url/api/v1/jobs/$id/events" | while read -r line; do
    case $line in 'id: '*) job_state "$id" ;; esac
  done >states.txt
  check test "$(grep -c training states.txt)" -ge 3
  check test "$(wait_for_job "$id" 'done|failed' 60)" = done

  file=$url/api/v1/models/$id/files/mini.rgba.onnx
  curl -s "$file" -o whole.onnx
  check cmp whole.onnx "data/models/$id/files/mini.rgba.onnx"
  check test "$(reply_header ETag "$file" | tr -d 'W/"')" = "$(sha256sum <whole.onnx | cut -d' ' -f1)"
  check test "$(status -r 100-199 "$file")" = 206
  check test "$(curl -s -r 100-199 "$file" | sha256sum)" = "$(tail -c +101 whole.onnx | head -c 100 | sha256sum)"
  check test "$(status -r 0-9 -H 'If-Range: "old"' "$file")" = 200

  # Wrong tokens count for the address that the proxy saw, whatever a client says.
  for ((i = 0; i < 12; ++i)); do last=$(status -X POST -H "X-Forwarded-For: 192.0.2.$i" -H 'Authorization: Bearer wrong' "$url/api/v1/token/check"); done
  check test "$last" = 429
  # Others' requests must not be mixed up with an attacker's, on connections to the server that are kept and shared.
  long=$(add_job "$picture" Long -F steps=90000)
  check node "$root/scripts/dev/attack_serve.mjs" "$url" "$token" "$long"

  # A worker takes the next job, while the server trains that one. It has to know the certificate, which no authority signed.
  trained=$(add_job "$picture" "$kind, worker" -F steps=30)
  worker_arguments=(serve --worker https://localhost:$port --token-file data/token --data worker --config tiny.yaml)
  expect 124 'certificate verify failed.*SSL_CERT_FILE' timeout 5 "$pocketstyle" "${worker_arguments[@]}"
  SSL_CERT_FILE=$work/certificate.pem "$pocketstyle" "${worker_arguments[@]}" >worker.log 2>&1 &
  worker=$!
  check test "$(wait_for_job "$trained" 'done|failed' 120)" = done
  check grep -q "job $trained: done" worker.log
  kill -TERM $worker
  wait $worker
  check test $? = 0
  worker=
  # A run's file may be larger than an upload; this one belongs to no lease.
  head -c 20000000 /dev/zero >large.safetensors
  check test "$(api_status POST leases/none/files/run/large.safetensors --data-binary @large.safetensors)" = 404
  check test "$(api_status POST "jobs/$long/cancel" -k)" = 200  # else the next proxy's job waits for it
  kill "$proxy"
  wait "$proxy" 2>/dev/null
  stop_server TERM  # a new one has not counted yet
  start_server data --config tiny.yaml --allowed-host $host --behind-proxy
done
finish || { tail -n 3 caddy.log nginx.log worker.log; exit 1; }

#!/usr/bin/env bash
# Attacks a training server as scripts/dev/attack_serve.mjs does. Exit code 77 where Node is missing.
#   serve_attack_test.sh POCKETSTYLE REPOSITORY
set -u
here=$(cd "$(dirname "$0")" && pwd)
command -v node >/dev/null || { echo "SKIPPED: no Node"; exit 77; }
. "$here/helpers.sh"
. "$here/serve_control.sh"
trap 'stop_server KILL; rm -rf "$work"' EXIT

write_tiny_config "$repository" tiny.yaml
start_server data --config tiny.yaml || exit 1
long=$(add_job "$style" Long -F steps=90000)
check test "$(wait_for_job "$long" training 60)" = training
check node "$repository/scripts/dev/attack_serve.mjs" "$url" "$token" "$long"
check test "$(job_state "$long")" = training
stop_server TERM
check test "$server_status" = 0
finish

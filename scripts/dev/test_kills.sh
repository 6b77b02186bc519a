#!/usr/bin/env bash
# Kills a training server and a worker in turn while they train jobs, each as often as said, and checks that nothing is lost. After
# scripts/build.sh.
#   scripts/dev/test_kills.sh [TIMES]      20, unless it is said
. "$(dirname "$0")/../common.sh"
KILLS=$((2 * ${1:-20})) tests/cli/serve_worker_test.sh "$pocketstyle" "$root"

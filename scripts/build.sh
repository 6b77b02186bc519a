#!/usr/bin/env bash
# Configures and builds into build/release: the program, and with "tests" the tests as well.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build

tests=OFF
[ "${1:-}" = tests ] && tests=ON
cmake --preset release -DPOCKETSTYLE_BUILD_TESTS=$tests >build/configure.log 2>&1 || { tail -30 build/configure.log >&2; exit 1; }
echo "Building (5 to 9 minutes on 2 cores the first time) ..."
cmake --build build/release

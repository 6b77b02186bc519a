#!/usr/bin/env bash
# Installs what is missing, builds everything, and runs all tests. About 12 minutes on 2 cores the first time.
#   scripts/test.sh [ctest arguments, such as -R train]
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install_deps.sh
scripts/build.sh tests
ctest --test-dir build/release --output-on-failure "$@"

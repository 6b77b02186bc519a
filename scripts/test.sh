#!/usr/bin/env bash
# Installs what is missing, builds everything, and runs all tests. About 25 to 35 minutes on two cores without AVX-512 the first time.
#   scripts/test.sh [ctest arguments, such as -R train]
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install_deps.sh
scripts/build.sh tests
ctest --test-dir build/release --output-on-failure -j "$(nproc)" "$@"

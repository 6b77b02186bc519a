#!/usr/bin/env bash
# Formats every C++ file of ours. With --check: names those that differ and fails.
. "$(dirname "$0")/../common.sh"

mapfile -t files < <(git ls-files '*.h' '*.cpp')
if [ "${1:-}" = --check ]; then
  clang-format --dry-run --Werror "${files[@]}"
else
  clang-format -i "${files[@]}"
fi

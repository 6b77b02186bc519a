#!/usr/bin/env bash
# clang-tidy (14) over the sources, with the list of .clang-tidy. A minute a file that includes LibTorch.
#   scripts/tidy.sh [FILE...]      default: every source; needs a configured build (build/release, or $BUILD)
# Clang cannot compile LibTorch 1.13's headers as C++20 (std::vector of an incomplete type), so it reports errors there;
# it goes on, and what it finds in this tree is what counts.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build/release}
[ -f "$build/compile_commands.json" ] || { echo "tidy.sh: configure first: scripts/build.sh" >&2; exit 1; }
[ $# -gt 0 ] || set -- $(git ls-files 'src/*.cpp')

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Without GCC's precompiled header and the warnings that only GCC knows.
sed -E 's/-Winvalid-pch -include [^ ]+cmake_pch.hxx//; s/-Wno-restrict|-Wno-stringop-overflow|-Wshadow=local|-Werror//g' \
  "$build/compile_commands.json" >"$work/compile_commands.json"
printf '%s\n' "$@" | xargs -P "${JOBS:-2}" -I{} sh -c \
  "clang-tidy-14 --quiet -p '$work' {} 2>/dev/null | grep -E '^$PWD/(src|include)/.*(error|warning):' >>'$work/found' || true"
if [ -s "$work/found" ]; then
  sort -u "$work/found"
  exit 1
fi
echo "$# files pass."

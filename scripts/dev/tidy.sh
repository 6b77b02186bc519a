#!/usr/bin/env bash
# clang-tidy (14) over the sources, with the checks in .clang-tidy. Half a minute for a file that includes LibTorch.
#   scripts/dev/tidy.sh [FILE...]      default: every source
# Clang cannot compile LibTorch 1.13's headers as C++20 (std::vector of an incomplete type), so it reports errors there;
# it continues, and only what it finds in this tree counts.
. "$(dirname "$0")/../common.sh"
clang_tidy=${CLANG_TIDY:-clang-tidy-14}
command -v "$clang_tidy" >/dev/null || die "install clang-tidy-14 or set CLANG_TIDY"
[ $# -gt 0 ] || set -- $(git ls-files 'src/*.cpp')

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --preset tidy >"$work/cmake.log" || { cat "$work/cmake.log" >&2; exit 1; }
# Without the warnings that only GCC knows.
sed -E 's/-Wno-restrict|-Wno-stringop-overflow|-Wshadow=local//g' build/tidy/compile_commands.json \
  >"$work/compile_commands.json"
check() {
  "$clang_tidy" --quiet --extra-arg=-ferror-limit=0 -p "$work" "$1" 2>/dev/null |
    grep -E "^$root/(src|include)/.*(error|warning):" >>"$work/found" || true
}
export -f check
export clang_tidy work
printf '%s\n' "$@" | xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'check {}'
if [ -s "$work/found" ]; then
  sort -u "$work/found"
  exit 1
fi
echo "$# files pass."

# Sourced by the tests of the program: a scratch folder to work in, and counted expectations.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
checks=0
failures=0

# expect CODE PATTERN COMMAND...: the exit code, and an extended regular expression that the output matches.
expect() {
  local code=$1 pattern=$2
  shift 2
  local output status
  output=$("$@" 2>&1)
  status=$?
  checks=$((checks + 1))
  if [ "$status" -ne "$code" ] || ! grep -qE -- "$pattern" <<<"$output"; then
    failures=$((failures + 1))
    printf 'FAILED: %s\n  expected exit %s and /%s/, found exit %s and:\n%s\n' "$*" "$code" "$pattern" "$status" "$output"
  fi
}
check() {
  checks=$((checks + 1))
  "$@" || { failures=$((failures + 1)); echo "FAILED: $*"; }
}
finish() {
  echo "$((checks - failures)) passed, $failures failed"
  [ "$failures" -eq 0 ]
}

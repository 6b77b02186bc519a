# shellcheck shell=bash disable=SC2034  # what is set here is used by the tests
# Sourced first by the tests of the program, which take these arguments:
#   NAME_test.sh PATH_TO_POCKETSTYLE REPOSITORY [TINY]
# TINY is the folder that tiny_run_test.sh fills. A test works in a scratch folder of its own.
pocketstyle=${1:-$pocketstyle}
repository=${2:-$root}  # scripts/dev/test_proxies.sh has both from scripts/common.sh
tiny=${3:-}
RANDOM=${POCKETSTYLE_TEST_SEED:-1}  # seeds it
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
photo=$repository/third_party/photos/val/city10.jpg
style=$repository/third_party/styles/starry_night.jpg
checks=0
failures=0

# expect CODE PATTERN COMMAND...: the exit code, and an extended regular expression that a line of the output matches.
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

# until_true COMMAND...: waits until it succeeds, for five minutes at most.
until_true() {
  for ((try = 0; try < 3000; ++try)); do
    "$@" && return 0
    sleep 0.1
  done
  return 1
}
has_checkpoint() { compgen -G "$1/checkpoints/step-*.safetensors" >/dev/null; }

# Arguments of `train` for a network and crops so small that a run takes seconds. It wants tiny_photos.
tiny_train=(train "$repository/configs/demo.yaml" --set data.train=photos --set "net.widths=[4,6,8]" --set net.mid=4
            --set net.blocks=1 --set data.crop=32 --set data.window_max=48 --set data.held_out_size=32
            --set data.held_out_photos=2 --set train.init=none --set train.steps=6 --set train.warmup=2 --set run.checkpoint_every=2
            --set run.evaluate_every=3 --set run.log_every=1 --set run.threads=1)
tiny_photos() {
  mkdir photos
  cp "$repository"/third_party/photos/train/beach[0-2].jpg photos/
}
# A copy, so that no test can change what another sees: photos/ with a broken.jpg, run/, exported/tiny.*
use_tiny_run() { cp -r "$tiny/." . || exit 1; }

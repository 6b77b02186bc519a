#!/usr/bin/env bash
# Tests the camera as a source of `stylize`, with a camera that is not there. Needs root, for the device file.
#   camera_test.sh PATH_TO_POCKETSTYLE REPOSITORY FAKE_CAMERA_LIBRARY
set -u
. "$(dirname "$0")/helpers.sh"
library=$3
mknod fake_camera c 1 3 2>/dev/null || { echo "SKIPPED: no device file can be made"; exit 77; }

expect 0 'one.mp4  64x48  [1-9][0-9]* frames, [12]\.[0-9]* s' env LD_PRELOAD="$library" "$pocketstyle" stylize --model starry_night/micro \
  fake_camera --size 64 -o one.mp4 --seconds 1
expect 0 'again.mp4  64x48' "$pocketstyle" stylize --model starry_night/micro one.mp4 -o again.mp4 --size 64
expect 130 'stopped early' timeout --preserve-status -s INT 5 env LD_PRELOAD="$library" "$pocketstyle" stylize --model starry_night/micro \
  fake_camera --size 64 -o until.mp4
check test -s until.mp4
expect 3 'cannot be opened as a video' "$pocketstyle" stylize --model starry_night/micro fake_camera -o none.mp4
check test ! -e none.mp4
finish

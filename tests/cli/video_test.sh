#!/usr/bin/env bash
# Videos through a network: frames of one grey each, in a file that needs no encoder to be made.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run

header='YUV4MPEG2 W48 H32 F10:1 Ip A1:1 C420'
for level in 074 144 214 264 360; do printf 'FRAME\n'; head -c 2304 /dev/zero | tr '\0' "\\$level"; done >frames
(echo "$header"; cat frames) >clip.y4m
expect 0 'styled.mp4  48x32  5 frames, 0.50 s' "$pocketstyle" stylize run clip.y4m -o styled.mp4
expect 2 'already exists' "$pocketstyle" stylize run clip.y4m -o styled.mp4
expect 0 '"frames": 3,' "$pocketstyle" stylize run styled.mp4 -o again.mkv --seconds 0.25 --size 64 --keep-colors --json
expect 2 "cannot write '.avi'" "$pocketstyle" stylize run clip.y4m -o styled.avi
expect 2 'is a video, expected it as the only input' "$pocketstyle" stylize run clip.y4m "$photo" -o styled
expect 2 'expected a video, found photos' "$pocketstyle" stylize run "$photo" -o d.png --json
expect 2 '--crf' "$pocketstyle" stylize run clip.y4m -o d.mp4 --crf 99
expect 3 'none.mp4: no such file' "$pocketstyle" stylize run none.mp4 -o d.mp4
head -c $(($(stat -c %s styled.mp4) / 2)) styled.mp4 >cut.mp4
expect 3 'cut.mp4: ' "$pocketstyle" stylize run cut.mp4 -o d.mp4
check test ! -e d.mp4
for _ in 1 2 3 4 5 6 7 8 9; do cat frames frames >more && mv more frames; done
(echo "$header"; cat frames) >long.y4m
"$pocketstyle" stylize run long.y4m -o stopped.mp4 >video.log 2>&1 &
check until_true grep -q '^frame 50/' video.log
kill -TERM $!; wait $!
check test $? -eq 143
check grep -q 'stopped early' video.log
expect 0 'stopped2.mp4  32x20' "$pocketstyle" stylize run stopped.mp4 -o stopped2.mp4 --size 32 --seconds 1
finish

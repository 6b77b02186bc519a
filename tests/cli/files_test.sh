#!/usr/bin/env bash
# Files that people have: pictures in many containers, transparency, folders with more than photos in them.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run
files=$repository/tests/media/files

for name in two.gif two.heic two.avif; do
  if [ $name != two.gif ] && "$pocketstyle" stylize run "$files/$name" -o try.png 2>&1 | grep -q 'built without libheif'; then continue; fi
  expect 0 "$name.png  32x24" "$pocketstyle" stylize run "$files/$name" -o $name.png --force --strength 0
done
for name in anim.gif anim.webp anim.png; do
  expect 0 '  32x24  2 frames, 0.20 s' "$pocketstyle" stylize run "$files/$name" -o $name.mp4
done
expect 2 "cannot write '.png'" "$pocketstyle" stylize run "$files/anim.gif" -o d.png
expect 2 "cannot write '.mp4'" "$pocketstyle" stylize run "$files/two.gif" -o d.mp4
expect 2 'expected a video, found photos' "$pocketstyle" stylize run "$photo" -o d.png --no-audio

mkdir -p all/.hidden all/styled
cp "$photo" all/a.jpg
cp "$photo" all/b.jfif
cp "$photo" all/._a.jpg
cp "$photo" all/.hidden/c.jpg
cp "$files/anim.gif" all/
touch all/notes.txt all/Thumbs.db
skipped='^skipped 1 .txt file, 1 animation, 1 folder of results, 1 hidden folder, 2 system files$'
expect 0 "$skipped" "$pocketstyle" stylize run all -o all/styled --size 64
expect 0 "$skipped" "$pocketstyle" stylize run all -o all/styled --size 64 --force
check test "$(find all/styled -type f | wc -l)" -eq 2
mkdir none && touch none/clip.mp4 none/.DS_Store
expect 3 'none: expected photos, found none; skipped 1 system file, 1 video' "$pocketstyle" stylize run none -o n

# A TIFF of one floating-point number: our line, and nothing else.
printf 'II*\0\010\0\0\0\010\0\0\001\003\0\001\0\0\0\001\0\0\0\001\001\003\0\001\0\0\0\001\0\0\0\002\001\003\0\001\0\0\0\040\0\0\0\003\001\003\0\001\0\0\0\001\0\0\0\006\001\003\0\001\0\0\0\001\0\0\0\021\001\004\0\001\0\0\0\156\0\0\0\027\001\004\0\001\0\0\0\004\0\0\0\123\001\003\0\001\0\0\0\003\0\0\0\0\0\0\0\0\0\0\077' >float.tif
expect 3 '^pocketstyle: float.tif: holds floating-point numbers, expected 8 or 16 bits per channel$' "$pocketstyle" stylize run float.tif -o d.png
check test "$("$pocketstyle" stylize run float.tif -o d.png 2>&1 | wc -l)" -eq 1
check test ! -e d.png
finish

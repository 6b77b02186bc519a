#!/usr/bin/env bash
# The report on one network, and the comparison of several.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run

expect 0 '1,677,635' "$pocketstyle" report original
expect 0 '466,112' "$pocketstyle" report bottleneck
for subject in run run/final.safetensors exported/tiny.pt exported/tiny.ptl exported/tiny.onnx "$repository/configs/demo.yaml"; do
  expect 0 'deconv3' "$pocketstyle" report "$subject" --baseline original --size 64x48
done
expect 0 '"compression"' "$pocketstyle" report mini --format json
expect 0 'S_r' "$pocketstyle" report micro --baseline mini --size 32 --time
expect 2 '--size' "$pocketstyle" report mini --size wide
expect 3 'expected a preset' "$pocketstyle" report nothing

# Networks side by side: a page that an independent parser takes, JSON that parses, and one line for each wrong use.
expect 0 . "$pocketstyle" "${tiny_train[@]}" --set run.folder=second --set train.steps=40
cp -r second third
expect 0 'compare.html' "$pocketstyle" report --compare first=run '<script>second=second,third' exported/tiny.int8.ptl \
  --size 64x48 --photos 1 --set data.held_out_size=64 -o compare.html
expect 0 'id="pictures"' cat compare.html
expect 0 '&lt;script&gt;second against first|&lt;script&gt;second and tiny.int8.ptl against first' cat compare.html
if command -v xmllint >/dev/null; then  # which does not know the elements of HTML 5, nor SVG's
  check test -z "$(xmllint --html --noout compare.html 2>&1 | grep 'error :' | grep -vE 'Tag (header|nav|main|section|figure|figcaption|footer|svg|line|g|title|polyline|circle|text) invalid')"
fi
expect 2 'already exists' "$pocketstyle" report --compare run second -o compare.html
expect 0 '"comparison 1"' "$pocketstyle" report --compare run second --size 32 --photos 0 --format json
one_line() { "$@" 2>&1 | wc -l; }
expect 2 'expected two networks or more, found 1' "$pocketstyle" report --compare run
expect 2 'the name run is taken' "$pocketstyle" report --compare run run
expect 2 'either one network, or --compare' "$pocketstyle" report
expect 2 'expected --config' "$pocketstyle" report --compare other=exported/tiny.pt exported/tiny.onnx
expect 2 '--format html: expected --compare' "$pocketstyle" report mini --format html
expect 3 '^pocketstyle: none: no such file' "$pocketstyle" report --compare run none
expect 3 'not a style network' "$pocketstyle" report --compare run "$repository/third_party/vgg16/vgg16_conv4_3.safetensors"
check test "$(one_line "$pocketstyle" report --compare run none)" -eq 1
check test "$(one_line "$pocketstyle" report --compare run)" -eq 1
finish

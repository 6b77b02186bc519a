#!/usr/bin/env bash
# A picture that is optimised itself, and beside it the network's picture of the same photo.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run

optimize=(optimize "$photo" --style "$style" --set style.size=48 --size 48)
expect 0 'loss [0-9]+ at the start, [0-9]+ after 6 evaluations' "$pocketstyle" "${optimize[@]}" -o o.png --evaluations 6
check test -s o.png
expect 0 '"curve"' "$pocketstyle" "${optimize[@]}" -o o.jpg --evaluations 3 --optimizer adam --init noise --json
expect 0 '^run +[0-9]+ +[0-9]+ .* ms$' "$pocketstyle" optimize "$photo" --config run/config.yaml --size 48 -o p.png --evaluations 2 --compare run
expect 2 'expected --style' "$pocketstyle" optimize "$photo" -o q.png
expect 2 'already exists' "$pocketstyle" "${optimize[@]}" -o o.png
expect 2 "cannot write '.gif'" "$pocketstyle" "${optimize[@]}" -o q.gif
expect 2 'loss.stile: unknown key' "$pocketstyle" "${optimize[@]}" -o q.png --set loss.stile=1
expect 3 'none.jpg' "$pocketstyle" optimize none.jpg --style "$style" -o q.png
expect 3 'none' "$pocketstyle" "${optimize[@]}" -o q.png --compare none
"$pocketstyle" "${optimize[@]}" -o stopped.png --evaluations 100000 >optimize.log 2>&1 &
check until_true grep -q '^20/' optimize.log
kill -TERM $!; wait $!
check test $? -eq 143
check test -s stopped.png
check test ! -e q.png

"$pocketstyle" "${optimize[@]}" -o old.png --steps 6 >old.log 2>&1
check test $? -eq 0
check grep -q -- '--steps is called --evaluations now' old.log
check grep -qE 'after 6 evaluations' old.log
check cmp o.png old.png
finish

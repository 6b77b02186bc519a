#!/usr/bin/env bash
# Many runs: all combinations, from several seeds, side by side; a stopped sweep goes on, a finished one is left alone.
set -u
. "$(dirname "$0")/helpers.sh"
tiny_photos
sweep=(sweep "${tiny_train[@]:1}")

four=("${sweep[@]}" --set train.steps=4 --vary net.preset=mini,micro --vary loss.style=1,4)
expect 0 '^preset=micro style=4 +[0-9,]+ +0\.[0-9]+ +[+-][0-9.]+%  [0-9,]+' "$pocketstyle" "${four[@]}" -o swept
for file in sweep.json contact_sheet.jpg preset=mini_style=1/final.safetensors preset=micro_style=4.log; do
  check test -f "swept/$file"
done
expect 0 '4 runs, 4 of them done' "$pocketstyle" "${four[@]}" -o swept --report
check grep -q '<svg' swept/report.html
expect 2 'expected two variants' "$pocketstyle" sweep "${tiny_train[1]}" --vary net.mid=2 --seeds 1,2 --report -o never
expect 0 'loss +[0-9,.]*$|\+- [0-9,]+ \(2 seeds, [0-9,]+ to [0-9,]+\)' "$pocketstyle" "${sweep[@]}" --set train.steps=2 \
  --vary net.mid=2 --seeds 1,2 --jobs 2 -o seeds
check test -f seeds/mid=2-seed2/final.safetensors
expect 2 'expected section.key=value' "$pocketstyle" sweep "${tiny_train[1]}" --vary steps=1
expect 2 'train.stepz: unknown key' "$pocketstyle" sweep "${tiny_train[1]}" --vary train.stepz=1,2 -o never
check test ! -e never
"$pocketstyle" "${sweep[@]}" --set train.steps=100000 --vary net.mid=2,3 -o stopped >stopped.log 2>&1 &
check until_true has_checkpoint stopped/mid=2
kill -TERM $!; wait $!
check test $? -eq 143
check grep -q 'run the same command again' stopped.log
check test ! -e stopped/mid=3

# A parent that ignores SIGCHLD, as some supervisors do.
expect 0 'loss' timeout 300 env --ignore-signal=CHLD "$pocketstyle" "${sweep[@]}" --set train.steps=2 --vary net.mid=2 -o ignored
check test -f ignored/mid=2/final.safetensors

expect 0 '--parallel is called --jobs now' "$pocketstyle" "${sweep[@]}" --set train.steps=2 --vary net.mid=2 --seeds 1,2 --parallel 2 -o old
check cmp seeds/mid=2-seed2/final.safetensors old/mid=2-seed2/final.safetensors
finish

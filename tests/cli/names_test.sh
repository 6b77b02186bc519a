#!/usr/bin/env bash
# Names of files that are not UTF-8, as old archives have them, in every command that writes JSON or YAML; and names and
# values that a shell user writes.
set -u
. "$(dirname "$0")/helpers.sh"
use_tiny_run
name=$'caf\xe9'
is_text() { iconv -f UTF-8 -t UTF-8 "$1" >/dev/null; }

cp run/final.safetensors "$name.safetensors"
expect 0 'tiny|onnx' "$pocketstyle" export "$name.safetensors" -o "$name" --format onnx
check is_text "$name/$name.onnx.json"
expect 0 onnx "$pocketstyle" inspect "$name/$name.onnx"
"$pocketstyle" inspect "$name.safetensors" --json >described.json
check is_text described.json
check grep -q '"kind": "weights"' described.json

LC_ALL=C sed -e 's/"net\.\([^"]*\)":/"\1":    /g' -e 's/"pocketstyle\./"otherstyle_./g' run/final.safetensors >"$name.theirs.safetensors"
expect 0 'rescaled' "$pocketstyle" import "$name.theirs.safetensors" -o "$name.imported.safetensors"
expect 0 'weights' "$pocketstyle" inspect "$name.imported.safetensors"

cp "$style" "$name.jpg"
expect 0 '^weights: ' "$pocketstyle" "${tiny_train[@]}" --set style.image="$name.jpg" --set run.folder="$name-run"
expect 0 '^weights: ' "$pocketstyle" train --resume "$name-run" --set train.steps=8
expect 0 'ms$' "$pocketstyle" stylize "$name-run" "$name.jpg" -o "$name.styled.jpg" --size 64
expect 0 'total' "$pocketstyle" evaluate "$name-run" --json

(echo 'YUV4MPEG2 W48 H32 F10:1 Ip A1:1 C420'; printf 'FRAME\n'; head -c 2304 /dev/zero) >"$name.y4m"
"$pocketstyle" stylize run "$name.y4m" -o "$name.mp4" --json >video.json
check is_text video.json
check grep -q '"frames": 1,' video.json

cp run/final.safetensors ./-dash.safetensors
cp "$style" ./-dash.jpg
expect 2 '^pocketstyle: stylize: -dash.jpg: looks like an option; give the file as ./-dash.jpg$' "$pocketstyle" stylize run -dash.jpg -o a.jpg
expect 0 'a.jpg' "$pocketstyle" stylize ./-dash.safetensors ./-dash.jpg -o a.jpg --size 64
expect 2 'expected a file or folder, not standard output' "$pocketstyle" stylize run "$style" -o -
check test ! -e ./-

# What torch.save writes: a zip archive around a pickle.
printf 'PK\003\004 archive/data.pkl' >theirs.pth
for command in inspect 'import -o out.safetensors' 'export -o out'; do
  # shellcheck disable=SC2086  # words
  expect 3 'theirs.pth: .*(pip install torch|zip)' "$pocketstyle" ${command%% *} theirs.pth ${command#"${command%% *}"}
done

mkdir home
cp -r photos home/
expect 0 'weights: ' env HOME="$work/home" "$pocketstyle" "${tiny_train[@]}" --set data.train='~/photos' \
  --set run.folder=home-run --set train.steps=2e0
printf 'style:\n\timage: s.jpg\n' >tab.yaml
expect 2 'tab.yaml:2:1: not YAML: a tab, expected spaces' "$pocketstyle" train tab.yaml
finish

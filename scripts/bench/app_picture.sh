#!/usr/bin/env bash
# The README's picture of the app, docs/images/app.jpg: taken in headless Chromium with the shipped bottleneck networks. After scripts/build.sh;
# needs Node and Chromium. A minute.
#   scripts/bench/app_picture.sh [FOLDER]      FOLDER: style pictures that are not in third_party/styles, STYLE.jpg
. "$(dirname "$0")/../common.sh"
photo=third_party/photos/val/city10.jpg
models=build/app_picture
rm -rf "$models"
for style in $(shipped_styles); do
  folder=$models/$style-bottleneck
  picture=$(style_picture "$style" "${1:-third_party/styles}")
  "$pocketstyle" export "models/$style/bottleneck.safetensors" -o "$folder" --name bottleneck --format rgba.onnx --precision int8 >/dev/null
  "$pocketstyle" stylize --model "$style/bottleneck" "$photo" -o "$folder/thumbnail.jpg" >/dev/null
  cp "$picture" "$folder/style.jpg"
done
(cd web && npm ci --silent --no-audit --no-fund)
node web/test/portrait.mjs build/release/web "$models" "$photo" docs/images/app.jpg
echo docs/images/app.jpg

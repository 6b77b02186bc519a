#!/usr/bin/env bash
# Tests the web app: its pure functions in Node; the replies of `pocketstyle serve` against src/serve/openapi.json, and the app's
# types against it; the app in headless Chromium on a stand-in server with the shipped models; the page of `report --compare`; and a
# style that is uploaded, trained, published and used on `pocketstyle serve`. After scripts/build.sh.
# Needs Node 18 or newer with npm; installs Chromium if it is missing. Screenshots are in build/web_test/screenshots.
. "$(dirname "$0")/../common.sh"
app=$root/build/release/web
work=$root/build/web_test
photo=$root/third_party/photos/val/city10.jpg
style=$root/third_party/styles/starry_night.jpg

need npm "Node.js with npm"
scripts/install_deps.sh chromium fonts-inter
rm -rf "$work"
mkdir -p "$work/models"
[ -e "$app/index.html" ] || die "$app: not built; configure with -DPOCKETSTYLE_WEB=ON"

echo "== Functions =="
(cd web && npm test --silent)

echo "== The API =="
(cd web/codegen && npm ci --silent --no-audit --no-fund && npm run --silent check) ||
  die "web/src/api_schema.ts is not what src/serve/openapi.json gives: cd web/codegen && npm run generate"
(cd web/codegen && node lint.mjs) || die "src/serve/openapi.json does not keep Redocly's recommended rules"
node web/test/api.mjs "$pocketstyle" "$work/api/data"

echo "== The app =="
for model in starry_night/{original,bottleneck,mini,micro} great_wave/{mini,micro}; do
  net=${model#*/} folder=$work/models/${model%/*}-${model#*/}
  precisions=int8
  [ $model != starry_night/mini ] || precisions=fp32,fp16,int8
  "$pocketstyle" export models/$model.safetensors -o "$folder" --name $net --format rgba.onnx --precision $precisions >/dev/null
  "$pocketstyle" stylize models/$model.safetensors "$photo" -o "$folder/thumbnail.jpg" >/dev/null
  cp "$style" "$folder/style.jpg"
done
"$pocketstyle" stylize models/starry_night/mini.safetensors "$photo" -o "$work/expected.png" >/dev/null
node web/test/app.mjs "$app" "$work/models" "$photo" "$work/expected.png" "$work/screenshots"

echo "== A large photo =="
node web/test/full_size.mjs "$pocketstyle" "$app" "$work/models" starry_night-micro "$photo" "$work/full" ${FULL_SIZE:-2000x1500}

echo "== The report =="
"$pocketstyle" report --compare models/starry_night/{original,mini,micro}.safetensors --config configs/models.yaml \
  --set data.held_out_photos=1 --photos 2 --size 64x64 -o "$work/report.html" >/dev/null
node web/test/report.mjs "$work/report.html"

echo "== The server =="
node web/test/end_to_end.mjs "$pocketstyle" "$app" "$work/server" "$style" "$photo" "$work/screenshots"

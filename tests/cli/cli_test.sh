#!/usr/bin/env bash
# Tests the program as its users run it: exit codes, messages, and train -> export -> report -> stylize in one chain.
#   cli_test.sh PATH_TO_POCKETSTYLE REPOSITORY
set -u
pocketstyle=$1
repository=$2
. "$(dirname "$0")/expect.sh"

expect 0 'Examples:' "$pocketstyle" --help
expect 0 '^[0-9]+\.[0-9]+\.[0-9]+$' "$pocketstyle" --version
expect 2 'subcommand' "$pocketstyle"
expect 2 'nonsense' "$pocketstyle" nonsense
for command in train sweep compress optimize config export report stylize evaluate bench serve inspect import weights; do
  expect 0 '(Examples|Subcommands):' "$pocketstyle" "$command" --help
done

# Configuration: all problems at once, each with its place.
printf 'net:\n  preset: huge\ntrain:\n  stepz: 3\n' >bad.yaml
expect 2 'bad.yaml:2:11: net.preset' "$pocketstyle" train bad.yaml
expect 2 'bad.yaml:4:3: train.stepz: unknown key; did you mean steps' "$pocketstyle" train bad.yaml
expect 2 'none.yaml' "$pocketstyle" train none.yaml
# What is given to a command and is not there: one line, exit code 3.
mkdir empty
for command in "inspect none" "export none -o out" "stylize none $repository/third_party/photos/val/city10.jpg -o a.jpg" \
  "bench stylize none" "import none -o out" "weights import none -o out" "train --resume none" "train --resume empty" \
  "inspect empty" "stylize empty $repository/third_party/photos/val/city10.jpg -o a.jpg" "report none" \
  "evaluate none --config $repository/configs/demo.yaml"; do
  expect 3 '^pocketstyle: (none|empty)' "$pocketstyle" $command
done
expect 3 'expected a safetensors, TorchScript' "$pocketstyle" inspect "$repository/README.md"
expect 0 'widths' "$pocketstyle" config
expect 0 'preset: mini' "$pocketstyle" config --set net.preset=mini
expect 2 'set train.stepz: train.stepz: unknown key' "$pocketstyle" config --set train.stepz=3
expect 0 'preset: micro' "$pocketstyle" config "$repository/configs/demo.yaml" --set net.preset=micro

# The chain, on a network and crops so small that it takes seconds.
mkdir photos
cp "$repository"/third_party/photos/train/beach[0-2].jpg photos/
printf 'not a picture' >photos/broken.jpg
small=(train "$repository/configs/demo.yaml" --set data.train=photos --set "net.widths=[4,6,8]" --set net.mid=4
       --set net.blocks=1 --set data.crop=32 --set data.window_max=48 --set data.held_out_size=32
       --set data.held_out_photos=2 --set train.steps=6 --set train.warmup=2 --set run.checkpoint_every=2
       --set run.evaluate_every=3 --set run.log_every=1 --set run.threads=1)
expect 0 'validation loss [0-9]+ at step 0' "$pocketstyle" "${small[@]}" --set run.folder=run
for file in config.yaml run.json metrics.jsonl contact_sheet.jpg final.safetensors checkpoints/best.safetensors; do
  check test -s "run/$file"
done
expect 2 'already holds a run' "$pocketstyle" "${small[@]}" --set run.folder=run
expect 3 'skipped .*broken.jpg' "$pocketstyle" "${small[@]}" --set run.folder=none --set data.min_side=4000
expect 3 'none of the 4 files can be used' "$pocketstyle" "${small[@]}" --set run.folder=none --set data.min_side=4000
check test ! -e none

# Killed at random moments and resumed, a run ends with the same bytes as an unbroken one: each start is killed when it
# has made 0 to 9 more steps, and up to 60 ms later. POCKETSTYLE_KILLS=20 kills it more often.
kills=${POCKETSTYLE_KILLS:-4}
kill_steps=$((10 * kills))
killed_at=()
start_or_resume() {
  if compgen -G "killed/checkpoints/step-*.safetensors" >/dev/null; then
    exec "$pocketstyle" train --resume killed
  fi
  exec "$pocketstyle" "${small[@]}" --set run.folder=killed --set train.steps=$kill_steps
}
for ((i = 0; i < kills; ++i)); do
  start_or_resume >killed.log 2>&1 &
  more=$((RANDOM % 10))
  while [ "$(grep -c '^step [0-9]*/' killed.log)" -lt $more ] && kill -0 $! 2>/dev/null; do sleep 0.01; done
  [ $more -gt 0 ] || sleep "0.$((RANDOM % 900 + 100))"  # while it starts
  sleep "0.0$((RANDOM % 50 + 10))"
  kill -9 $! 2>/dev/null
  wait $! 2>/dev/null
  [ $? -ne 137 ] || killed_at+=("$(sed -n 's|^step \([0-9]*\)/.*|\1|p' killed.log | tail -1)")
done
echo "killed ${#killed_at[@]} times, after step: $(printf '%s ' "${killed_at[@]/#/ }")"
check test ${#killed_at[@]} -eq "$kills"
(start_or_resume) >/dev/null 2>&1
expect 0 'validation|weights' "$pocketstyle" train --resume killed
expect 0 . "$pocketstyle" "${small[@]}" --set run.folder=whole --set train.steps=$kill_steps
check cmp killed/final.safetensors whole/final.safetensors
check cmp <(grep -o '"step":[0-9]*,"loss":{[^}]*}' killed/metrics.jsonl) <(grep -o '"step":[0-9]*,"loss":{[^}]*}' whole/metrics.jsonl)

# A file system that takes no file as large loses nothing that is saved; full_disk_test.sh fills a real one.
mkdir -p full/checkpoints
cp run/checkpoints/step-*4.safetensors full/checkpoints/
cp run/config.yaml full/
expect 3 'full/.*writing failed' bash -c "trap '' XFSZ; ulimit -f 6; '$pocketstyle' train --resume full"
check test "$(ls full/checkpoints)" = step-00000004.safetensors
expect 0 'weights: .*full/final' "$pocketstyle" train --resume full

# A signal stops cleanly, and the run goes on from there.
"$pocketstyle" "${small[@]}" --set run.folder=stopped --set train.steps=100000 >stopped.log 2>&1 &
for ((i = 0; i < 600; ++i)); do
  compgen -G "stopped/checkpoints/step-*.safetensors" >/dev/null && break
  sleep 0.1
done
kill -TERM $!
wait $!
check test $? -eq 143
expect 0 'go on with: pocketstyle train --resume' cat stopped.log

expect 0 'tiny.rgba.onnx .*libtorch' "$pocketstyle" export run -o exported --name tiny
for extension in pt ptl onnx u8.onnx rgba.onnx safetensors; do
  check test -s "exported/tiny.$extension" -a -s "exported/tiny.$extension.json"
done
expect 0 'tiny.int8.ptl .* dB' "$pocketstyle" export run -o exported --name tiny --precision fp16,int8 --format ptl,onnx \
  --bytecode 5 --lowering none --static 40x56 --onnx-pad slice --references references
check test -s exported/tiny.fp16.onnx -a -s references/index.json
expect 0 'tiny.int8-static.onnx .*loss [0-9.]+%' "$pocketstyle" export run -o exported --name tiny --precision int8-static \
  --format onnx,u8.onnx --max-mean-diff 100
expect 4 'max-mean-diff' "$pocketstyle" export run -o strict --precision int8-static --format onnx --max-mean-diff 0.001
expect 2 'int8-static in ONNX only' "$pocketstyle" export run -o strict --precision int8-static --format pt
expect 2 'expected fp32, fp16, int8' "$pocketstyle" export run -o exported --precision int4
expect 2 'expected pt, ptl, onnx' "$pocketstyle" export run -o exported --format tflite
expect 2 '--static wide' "$pocketstyle" export run -o exported --static wide
expect 2 'already' "$pocketstyle" export run -o exported --name tiny
expect 4 'toleran|differ' "$pocketstyle" export run -o strict --tolerance 1e-12
check test ! -e strict

expect 0 '1,677,635' "$pocketstyle" report original
expect 0 '466,112' "$pocketstyle" report bottleneck
for subject in run run/final.safetensors exported/tiny.pt exported/tiny.ptl exported/tiny.onnx "$repository/configs/demo.yaml"; do
  expect 0 'deconv3' "$pocketstyle" report "$subject" --baseline original --size 64x48
done
expect 0 '"compression"' "$pocketstyle" report mini --format json
expect 0 'S_r' "$pocketstyle" report micro --baseline mini --size 32 --time
expect 2 '--size' "$pocketstyle" report mini --size wide
expect 3 'expected a preset' "$pocketstyle" report nothing

# Two networks side by side: a page that an independent parser takes, JSON that parses, and one line for each wrong use.
expect 0 'compare.html' "$pocketstyle" report --compare first=run '<script>second=killed,whole' exported/tiny.int8.ptl \
  --size 64x48 --photos 1 --set data.held_out_size=64 -o compare.html
expect 0 'id="pictures"' cat compare.html
expect 0 '&lt;script&gt;second against first|&lt;script&gt;second and tiny.int8.ptl against first' cat compare.html
if command -v xmllint >/dev/null; then  # which does not know the elements of HTML 5, nor SVG's
  check test -z "$(xmllint --html --noout compare.html 2>&1 | grep 'error :' | grep -vE 'Tag (header|nav|main|section|figure|figcaption|footer|svg|line|g|title|polyline|circle|text) invalid')"
fi
expect 2 'is there already' "$pocketstyle" report --compare run killed -o compare.html
expect 0 '"comparison 1"' "$pocketstyle" report --compare run killed --size 32 --photos 0 --format json
one_line() { "$@" 2>&1 | wc -l; }
expect 2 'expected two networks or more, found 1' "$pocketstyle" report --compare run
expect 2 'the name run is there already' "$pocketstyle" report --compare run run
expect 2 'either one network, or --compare' "$pocketstyle" report
expect 2 'expected --config' "$pocketstyle" report --compare other=exported/tiny.pt exported/tiny.onnx
expect 2 '--format html: expected --compare' "$pocketstyle" report mini --format html
expect 3 '^pocketstyle: none: no such file' "$pocketstyle" report --compare run none
expect 3 'not a style network' "$pocketstyle" report --compare run "$repository/third_party/vgg16/vgg16_conv4_3.safetensors"
check test "$(one_line "$pocketstyle" report --compare run none)" -eq 1
check test "$(one_line "$pocketstyle" report --compare run)" -eq 1

photo="$repository/third_party/photos/val/city10.jpg"
expect 0 'a.jpg' "$pocketstyle" stylize run "$photo" -o a.jpg --size 64
expect 2 'is there already' "$pocketstyle" stylize run "$photo" -o a.jpg --size 64
expect 0 'a.png  65x' "$pocketstyle" stylize exported/tiny.ptl "$photo" -o a.png --size 65 --keep-colors --strength 0.7
expect 3 '1 of 4 photos failed' "$pocketstyle" stylize exported/tiny.pt photos -o styled --size 64
check test "$(ls styled | wc -l)" -eq 3
for extension in onnx u8.onnx rgba.onnx; do
  expect 0 "$extension.png  65x" "$pocketstyle" stylize "exported/tiny.$extension" "$photo" -o "$extension.png" --size 65
done
expect 0 "height +40" "$pocketstyle" inspect exported/tiny.int8.onnx
expect 1 'width 56 and height 40 only' "$pocketstyle" stylize exported/tiny.int8.onnx "$photo" -o c.png --size 65
expect 0 'strips.png  2000x1000' "$pocketstyle" stylize exported/tiny.int8.ptl "$photo" -o strips.png --size 2000 --memory 500
expect 3 'int8-static, expected weights' "$pocketstyle" stylize exported/tiny.int8-static.onnx "$photo" -o d.png --size 2000 --memory 500
expect 1 'even in strips, only' "$pocketstyle" stylize run "$photo" -o d.png --memory 20
expect 2 '--memory' "$pocketstyle" stylize run "$photo" -o d.png --memory 0
expect 2 '--memory' "$pocketstyle" stylize run "$photo" -o d.png --memory lots
check test ! -e d.png
expect 3 'bad.yaml: expected a safetensors' "$pocketstyle" stylize bad.yaml "$photo" -o b.jpg

# A picture that is optimised itself, and beside it what a network makes of the photo.
style="$repository/third_party/styles/starry_night.jpg"
optimize=(optimize "$photo" --style "$style" --set style.size=48 --size 48)
expect 0 'loss [0-9]+ at the start, [0-9]+ after 6 evaluations' "$pocketstyle" "${optimize[@]}" -o o.png --evaluations 6
check test -s o.png
expect 0 '"curve"' "$pocketstyle" "${optimize[@]}" -o o.jpg --evaluations 3 --optimizer adam --init noise --json
expect 0 '^run +[0-9]+ +[0-9]+ .* ms$' "$pocketstyle" optimize "$photo" --config run/config.yaml --size 48 -o p.png --steps 2 --compare run
expect 2 'expected --style' "$pocketstyle" optimize "$photo" -o q.png
expect 2 'is there already' "$pocketstyle" "${optimize[@]}" -o o.png
expect 2 "cannot write '.gif'" "$pocketstyle" "${optimize[@]}" -o q.gif
expect 2 'loss.stile: unknown key' "$pocketstyle" "${optimize[@]}" -o q.png --set loss.stile=1
expect 3 'none.jpg' "$pocketstyle" optimize none.jpg --style "$style" -o q.png
expect 3 'none' "$pocketstyle" "${optimize[@]}" -o q.png --compare none
"$pocketstyle" "${optimize[@]}" -o stopped.png --steps 100000 >optimize.log 2>&1 &
for ((i = 0; i < 600; ++i)); do grep -q '^20/' optimize.log && break; sleep 0.1; done
kill -TERM $!; wait $!
check test $? -eq 143
check test -s stopped.png
check test ! -e q.png

# A video: frames of one grey each, in a file that needs no encoder to be made.
header='YUV4MPEG2 W48 H32 F10:1 Ip A1:1 C420'
for level in 074 144 214 264 360; do printf 'FRAME\n'; head -c 2304 /dev/zero | tr '\0' "\\$level"; done >frames
(echo "$header"; cat frames) >clip.y4m
expect 0 'styled.mp4  48x32  5 frames, 0.50 s' "$pocketstyle" stylize run clip.y4m -o styled.mp4
expect 2 'is there already' "$pocketstyle" stylize run clip.y4m -o styled.mp4
expect 0 '"frames": 3,' "$pocketstyle" stylize run styled.mp4 -o again.mkv --seconds 0.25 --size 64 --keep-colors --json
expect 2 "cannot write '.avi'" "$pocketstyle" stylize run clip.y4m -o styled.avi
expect 2 'is a video, expected one alone' "$pocketstyle" stylize run clip.y4m "$photo" -o styled
expect 2 'expected a video, found photos' "$pocketstyle" stylize run "$photo" -o d.png --json
expect 2 '--crf' "$pocketstyle" stylize run clip.y4m -o d.mp4 --crf 99
expect 3 'none.mp4: no such file' "$pocketstyle" stylize run none.mp4 -o d.mp4
head -c $(($(stat -c %s styled.mp4) / 2)) styled.mp4 >cut.mp4
expect 3 'cut.mp4: ' "$pocketstyle" stylize run cut.mp4 -o d.mp4
check test ! -e d.mp4
for i in 1 2 3 4 5 6 7 8 9; do cat frames frames >more && mv more frames; done
(echo "$header"; cat frames) >long.y4m
"$pocketstyle" stylize run long.y4m -o stopped.mp4 >video.log 2>&1 &
for ((i = 0; i < 600; ++i)); do grep -q '^frame 50/' video.log && break; sleep 0.1; done
kill -TERM $!; wait $!
check test $? -eq 143
check grep -q 'stopped early' video.log
expect 0 'stopped2.mp4  32x20' "$pocketstyle" stylize run stopped.mp4 -o stopped2.mp4 --size 32 --seconds 1

expect 0 'checkpoint' "$pocketstyle" inspect run/checkpoints/best.safetensors
expect 0 'lite' "$pocketstyle" inspect exported/tiny.ptl
expect 0 'torchscript' "$pocketstyle" inspect exported/tiny.pt
expect 0 'onnx' "$pocketstyle" inspect exported/tiny.rgba.onnx

expect 0 'median ms' "$pocketstyle" bench stylize run exported/tiny.ptl exported/tiny.onnx --size 24,32x40 --repeats 3
expect 0 '"latency_ms_p90"' "$pocketstyle" bench stylize exported/tiny.pt --size 24 --threads 1,2 --repeats 3 --json
expect 0 'total loss +lower .*[0-9] \(.* to ' "$pocketstyle" evaluate run exported/tiny.ptl exported/tiny.onnx
expect 0 'border_error is not measured: .*expected 96 pixels' "$pocketstyle" evaluate run
expect 0 'two \(2 files\)' "$pocketstyle" evaluate run two=run,exported/tiny.pt
expect 0 'Against lite:' "$pocketstyle" evaluate run lite=exported/tiny.ptl --baseline lite
expect 0 '"difference_percent"' "$pocketstyle" evaluate lite=exported/tiny.pt run --config run/config.yaml --json
expect 0 '  ssim +higher ' "$pocketstyle" evaluate --help
expect 2 'baseline none: expected the name' "$pocketstyle" evaluate run --baseline none
expect 2 'the name run is there already' "$pocketstyle" evaluate run run
expect 2 'found an empty file' "$pocketstyle" evaluate run two=run,
expect 3 'nima.pt: expected TorchScript' bash -c "echo text >nima.pt; '$pocketstyle' evaluate run --nima nima.pt"
expect 2 'expected --config' "$pocketstyle" evaluate exported/tiny.pt

# Many runs: all combinations, from several seeds, side by side; a stopped sweep goes on, a finished one is left alone.
sweep=(sweep "${small[1]}" "${small[@]:2}" --set train.steps=4 --vary net.preset=mini,micro --vary loss.style=1,4)
expect 0 '^preset=micro style=4 +[0-9,]+ +0\.[0-9]+ +[+-][0-9.]+%  [0-9,]+' "$pocketstyle" "${sweep[@]}" -o swept
for file in sweep.json contact_sheet.jpg preset=mini_style=1/final.safetensors preset=micro_style=4.log; do
  check test -f "swept/$file"
done
expect 0 '4 runs, 4 of them done' "$pocketstyle" "${sweep[@]}" -o swept --report
check grep -q '<svg' swept/report.html
expect 2 'expected two variants' "$pocketstyle" sweep "${small[1]}" --vary net.mid=2 --seeds 1,2 --report -o never
expect 0 'loss +[0-9,.]*$|\+- [0-9,]+ \(2 seeds, [0-9,]+ to [0-9,]+\)' "$pocketstyle" sweep "${small[1]}" "${small[@]:2}" --set train.steps=2 \
  --vary net.mid=2 --seeds 1,2 --jobs 2 -o seeds
check test -f seeds/mid=2-seed2/final.safetensors
expect 2 'expected section.key=value' "$pocketstyle" sweep "${small[1]}" --vary steps=1
expect 2 'train.stepz: unknown key' "$pocketstyle" sweep "${small[1]}" --vary train.stepz=1,2 -o never
check test ! -e never
"$pocketstyle" sweep "${small[1]}" "${small[@]:2}" --set train.steps=100000 --vary net.mid=2,3 -o stopped >stopped.log 2>&1 &
for ((i = 0; i < 300; ++i)); do ls stopped/mid=2/checkpoints/* >/dev/null 2>&1 && break; sleep 0.1; done
kill -TERM $!; wait $!
check test $? -eq 143
check grep -q 'the same command goes on' stopped.log
check test ! -e stopped/mid=3

# A smaller network from a trained one, by each method.
expect 0 'micro prune-distil +[0-9,]+ .*x .*%' "$pocketstyle" compress run --to micro --method scratch,distil,prune,prune-distil \
  --set net.widths=[4,5,6] --set net.mid=3 --set net.blocks=1 --set net.kernel=5 --set train.steps=3 -o smaller
expect 0 '"sha256"' cat smaller/micro_distil/run.json
expect 0 '"init_sha256"' cat smaller/micro_prune/run.json
expect 3 'expected the folder of a run' "$pocketstyle" compress empty --to micro
expect 2 'huge not in' "$pocketstyle" compress run --to huge

# Shipped models, of a folder made here.
mkdir -p assets/models/waves assets/third_party
cp run/final.safetensors assets/models/waves/mini.safetensors
shipped=(env POCKETSTYLE_ASSETS="$work/assets/third_party" "$pocketstyle")
expect 0 'waves/mini .*6 steps' "${shipped[@]}" models
expect 0 'w.jpg' "${shipped[@]}" stylize --model waves "$photo" -o w.jpg --size 64
expect 3 'there are waves/mini' "${shipped[@]}" stylize --model dots "$photo" -o v.jpg
expect 2 'expected a model and photos' "$pocketstyle" stylize "$photo" -o v.jpg

# A network of the fast_neural_style example has our tensors' names without "net." and no metadata of ours.
LC_ALL=C sed -e 's/"net\.\([^"]*\)":/"\1":    /g' -e 's/"pocketstyle\./"otherstyle_./g' run/final.safetensors >theirs.safetensors
expect 0 'rescaled' "$pocketstyle" import theirs.safetensors -o imported.safetensors
expect 0 'tiny' "$pocketstyle" export imported.safetensors -o exported --name imported_tiny --format ptl
expect 3 'a network of ours already' "$pocketstyle" import run/final.safetensors -o again.safetensors
expect 2 'is there already' "$pocketstyle" import theirs.safetensors -o imported.safetensors
head -c 3000 exported/tiny.ptl >cut.ptl
expect 3 'cut.ptl' "$pocketstyle" inspect cut.ptl

finish

#!/usr/bin/env bash
# The tables and figures of the paper (Pei et al. 2020) from the shipped models: sizes, times, memory, and the pictures' quality before and
# after compression. Writes docs/paper.md, its figures in docs/images and the numbers behind them, docs/benchmarks/paper.json.
# After scripts/build.sh; needs Node, gnuplot-nox and time. About an hour on two cores; if it is stopped, the same command continues.
#   NIMA=FOLDER scripts/release/paper.sh [FOLDER]
# FOLDER: style pictures that are not in third_party/styles, STYLE.jpg. NIMA: folder of nima_aesthetic.onnx and nima_technical.onnx, networks
# that rate pictures ([1, 3, 224, 224] to ten bins).
. "$(dirname "$0")/../common.sh"
part=()  # KIND STYLE: this call is one of the evaluations below
[ "${1:-}" != --evaluate ] || { part=("${@:3}"); set -- "$2"; }
styles=${1:-third_party/styles}
[ -n "${NIMA:-}" ] || die "expected NIMA=FOLDER, with nima_aesthetic.onnx and nima_technical.onnx"
for file in nima_aesthetic nima_technical; do [ -f "$NIMA/$file.onnx" ] || die "$NIMA/$file.onnx: not found"; done
need gnuplot gnuplot-nox
[ -x /usr/bin/time ] || die "install time first"
hash_of() { sha256sum | cut -c 1-12; }
work=build/paper/$(cat models/*/*.safetensors | hash_of)  # results of other weights stay apart
kept=build/paper/pictures                                 # what is evaluated on a style's weights holds until they change
networks=(original bottleneck slim mini micro pocket)  # a style may lack one
photos=12

# once FILE COMMAND...: the command's output becomes the file, unless it is there from an earlier call.
once() {
  [ -f "$1" ] && return
  "${@:2}" >"$1.new"
  mv "$1.new" "$1"
}

mapfile -t names < <(shipped_styles)
# networks_of STYLE, weights_of STYLE: those that it has, one a line.
networks_of() { for network in "${networks[@]}"; do [ ! -f "models/$1/$network.safetensors" ] || echo "$network"; done; }
weights_of() { networks_of "$1" | sed "s|.*|models/$1/&.safetensors|"; }

# evaluate_style KIND STYLE
evaluate_style() {
  local picture weights evaluate result
  picture=$(style_picture "$2" "$styles")  # by itself, so that a missing picture ends the script
  mapfile -t weights < <(weights_of "$2")
  evaluate=("$pocketstyle" evaluate --config configs/models.yaml --set "style.image=$picture" --json)
  case $1 in
    quality) evaluate+=("${weights[@]}" --set data.held_out_photos="$photos" --nima "$NIMA/nima_aesthetic.onnx") ;;
    technical) evaluate+=("${weights[@]:0:2}" --set data.held_out_photos="$photos" --nima "$NIMA/nima_technical.onnx") ;;
    limit) evaluate+=("${weights[@]}" --set data.held_out_photos=3 --optimize 120) ;;
  esac
  result=$kept/$(cat "${weights[@]}" | hash_of).$1.json
  once "$result" "${evaluate[@]}"
  cp "$result" "$work/$2.$1.json"
}
if [ ${#part[@]} -gt 0 ]; then
  evaluate_style "${part[@]}"
  exit
fi

install_node_examples
mkdir -p "$work" "$kept" docs/images

# Times first, while nothing else runs.
for style in "${names[@]}"; do
  mapfile -t weights < <(weights_of "$style")
  mapfile -t files < <(networks_of "$style" | sed "s|^|$work/$style/|")
  for network in "${files[@]##*/}"; do
    export=("$pocketstyle" export "models/$style/$network.safetensors" -o "$work/$style" --force)
    [ -f "$work/$style/$network.onnx" ] || "${export[@]}" --name "$network" --format ptl,onnx >/dev/null
    [ -f "$work/$style/$network.static.onnx" ] || "${export[@]}" --name "$network.static" --format onnx --static 256x256 >/dev/null
  done
  once "$work/$style.program.json" "$pocketstyle" bench stylize "${weights[@]}" --size 256 --threads 1 --repeats 7 --json
  once "$work/$style.ptl.json" "$pocketstyle" bench stylize "${files[@]/%/.ptl}" --size 256 --threads 1 --repeats 7 --json
  for kind in onnx static.onnx; do
    once "$work/$style.$kind.json" node examples/node/bench.mjs "${files[@]/%/.$kind}" --size 256 --threads 1 --repeats 7 --json
  done
done

# The program from start to finish, as somebody who wants one picture: seconds, share of all cores, most memory in kB.
first_picture() {
  for network in "${networks[@]}"; do
    for _ in 1 2 3 4 5; do
      /usr/bin/time -f "$network %e %P %M" "$pocketstyle" stylize "models/${names[0]}/$network.safetensors" \
        third_party/photos/val/city10.jpg -o "$work/first.png" --force 2>&1 >/dev/null | tail -1
    done
  done
}
once "$work/first.txt" first_picture

# Then the pictures' quality, as many at once as there are cores; the longest first.
for kind in limit quality technical; do
  for style in "${names[@]}"; do printf '%s\0' "$kind" "$style"; done
done | OMP_NUM_THREADS=1 xargs -0 -n 2 -P "$(nproc)" "$root/$script" --evaluate "$styles"
once "$work/table2.md" "$pocketstyle" report bottleneck --format markdown
for network in "${networks[@]}"; do once "$work/$network.report.json" "$pocketstyle" report "$network" --format json; done

node scripts/release/paper.mjs "$work" "$(header)" "${names[*]}" "${networks[*]}"
gnuplot "$work/figures.gp"
mv "$work/paper.json.new" docs/benchmarks/paper.json
mv "$work/paper.md.new" docs/paper.md
echo docs/paper.md

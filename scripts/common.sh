# shellcheck shell=bash disable=SC2034  # what is set here is used by the scripts
# Sourced first by every script in dev/, bench/ and release/: goes to the repository's root and defines what they share.
#   . "$(dirname "$0")/../common.sh"
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
script=$(realpath --relative-to="$root" "$0")
arguments=$*
cd "$root"
pocketstyle=${POCKETSTYLE:-build/release/src/cli/pocketstyle}
[[ $pocketstyle = /* ]] || pocketstyle=$root/$pocketstyle

die() {
  echo "${script##*/}: $*" >&2
  exit 1
}
# need PROGRAM WHAT_TO_INSTALL
need() { command -v "$1" >/dev/null || die "install $2 first"; }

cpu() { sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1; }
today() { date -u +%F; }

# header [TEXT]: how a benchmark's file was made, and where; the first two lines of each.
header() {
  echo "$script${arguments:+ $arguments}${1:+: $1}"
  echo "$(today), $(cpu), $(env -u OMP_NUM_THREADS nproc) cores${2:+; $2}"
}
# publish FILE: FILE.new is complete and takes its place.
publish() {
  mv "$1.new" "$1"
  echo "${1#"$root/"}"
}

# Settings of env that keep LibTorch, oneDNN and OpenBLAS to AVX2. Our own loops for norm, padding and maxima go by the processor alone.
avx2_only=(ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 OPENBLAS_CORETYPE=Haswell)

# train_briefly FOLDER STEPS [OPTIONS]: a run for which the weights do not matter, on small crops. Its output: FOLDER.log.
train_briefly() {
  mkdir -p "$(dirname "$1")"
  "$pocketstyle" train configs/demo.yaml --set train.steps="$2" --set train.warmup=$(($2 / 4)) --set data.crop=64 \
    --set data.window_max=96 --set data.held_out_size=64 --set run.evaluate_every="$2" --set run.folder="$1" "${@:3}" \
    >"$1.log" 2>&1 || { cat "$1.log" >&2; return 1; }
}
# train_to_end RUN OPTIONS...: nothing if the run is finished, else it is resumed, or begun with `train OPTIONS`. Its output: RUN.log.
train_to_end() {
  [ ! -f "$1/final.safetensors" ] || return 0
  mkdir -p "$(dirname "$1")"
  local train=("$pocketstyle" train --resume "$1")
  compgen -G "$1/checkpoints/step-*.safetensors" >/dev/null || train=("$pocketstyle" train "${@:2}" --set run.folder="$1")
  "${train[@]}" >>"$1.log" 2>&1
}
# The packages of examples/node, which runs files in ONNX Runtime.
install_node_examples() { (cd examples/node && npm ci --silent --no-audit --no-fund); }

# shipped_styles: the names of the styles in models/, one a line.
shipped_styles() {
  local folder
  for folder in models/*/; do [ "$folder" = models/base/ ] || basename "$folder"; done
}
# shipped_models: their weights, one file a line.
shipped_models() {
  local style
  for style in $(shipped_styles); do printf '%s\n' "models/$style"/*.safetensors; done
}
# style_picture STYLE FOLDER: the picture of a shipped style, which is FOLDER/STYLE.jpg where it is not in the repository.
style_picture() {
  local file
  for file in "third_party/styles/$1.jpg" "$2/$1.jpg"; do [ -f "$file" ] && echo "$file" && return; done
  die "$2/$1.jpg: expected the style picture of models/$1"
}

# sweep_table LOG: the table of losses from what `sweep` or `compress` printed.
sweep_table() { sed -n '/parameters .*validation loss/,/^$/p' "$1"; }
# json_field NAME: the number in the field NAME of each JSON line on standard input, one a line.
json_field() { sed -n 's/.*"'"$1"'":\([-0-9.e]*\).*/\1/p'; }
# validation_losses METRICS: those of a run, rounded, one a line.
validation_losses() { grep '"kind":"held_out"' "$1" | json_field total | awk '{ printf "%.0f\n", $1 }'; }
# step_seconds METRICS...: the time of each training step in metrics.jsonl files, in seconds, one a line.
step_seconds() {
  grep -h '"kind":"step"' "$@" | sed 's/.*"seconds":{\(.*\)}}/\1/; s/"[a-z]*"://g' |
    awk -F, '{ s = 0; for (i = 1; i <= NF; ++i) s += $i; print s }'
}

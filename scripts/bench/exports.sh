#!/usr/bin/env bash
# Size, load time, speed and exactness of each target and precision of the original, bottleneck, mini, micro and pocket networks, in LibTorch,
# OpenCV and ONNX Runtime, and in the WebAssembly of ONNX Runtime and LiteRT. Writes docs/benchmarks/exports.md. After scripts/build.sh; needs
# Node. About half an hour on 2 cores.
#   scripts/bench/exports.sh [ORIGINAL BOTTLENECK MINI MICRO POCKET]    run folders or weights; default: trained for a few steps here
# KINDS: only these kinds of file. RESULT: another file to write. REPEATS: of each measurement. NOTE: about the machine. WEB: not empty: only
# in WebAssembly. KEEP: not empty: with the files that an earlier call exported.
. "$(dirname "$0")/../common.sh"
work=build/benchmark
result=${RESULT:-docs/benchmarks/exports.md}
repeats=${REPEATS:-7}
kinds=${KINDS:-safetensors plain.pt cpu.pt plain.ptl ptl fp16.ptl int8.ptl onnx fp16.onnx int8.onnx u8.onnx rgba.onnx tflite fp16.tflite int8.tflite}
networks=(original bottleneck mini micro pocket)
install_node_examples

export_as() { "$pocketstyle" export "$network" -o "$work" --force --name "$@" >/dev/null; }
export_kinds() {
  local i name network side formats  # formats: of the kinds that one call writes in all precisions
  formats=$(tr ' ' '\n' <<<"$kinds" | sed -E '/plain|cpu|safetensors|tflite/d; s/^(fp16|int8)\.//' | sort -u | paste -sd,)
  rm -rf "$work"
  mkdir -p "$work"
  for i in "${!networks[@]}"; do
    name=${networks[i]}
    network=${*:i+1:1}
    if [ -z "$network" ]; then
      network=$work/$name-run
      train_briefly "$network" 40 --set net.preset="$name"
    fi
    [ -z "$formats" ] || export_as "$name" --precision all --format "$formats"
    case $kinds in *plain*) export_as "$name.plain" --format pt,ptl --lowering none ;; esac
    case $kinds in *cpu*) export_as "$name.cpu" --format pt --lowering cpu ;; esac
    case $kinds in *safetensors*) export_as "$name" --format safetensors ;; esac
    # LiteRT's WebAssembly cannot resize: a file for each size.
    case $kinds in *tflite*) for side in 256 512; do export_as "$name.$side" --precision all --format tflite --static ${side}x$side; done ;; esac
  done
}
[ -n "${KEEP:-}" ] || export_kinds "$@"
rm -f "$work"/*.{libtorch,ort,web,litert}.json  # measurements of an earlier call

# The networks take turns within one file kind, so that the ratios among them hold. LiteRT's WebAssembly has no memory for the files of both
# sizes at once.
for kind in $kinds; do
  files=("${networks[@]/%/.$kind}")
  node_bench() { node examples/node/bench.mjs "${files[@]/#/$work/}" --size 256,512 --repeats "$repeats" --json "$@"; }
  if [[ $kind = *tflite ]]; then
    for side in 256 512; do
      files=("${networks[@]/%/.$side.$kind}")
      node_bench >"$work/$kind.$side.litert.json"
    done
    continue
  fi
  if [ -z "${WEB:-}" ]; then
    case $kind in u8.onnx | rgba.onnx) ;; *) "$pocketstyle" bench stylize "${files[@]/#/$work/}" --size 256,512 --threads 1,2 \
      --repeats "$repeats" --json >"$work/$kind.libtorch.json" ;; esac
    case $kind in *onnx) node_bench --threads 1,2 >"$work/$kind.ort.json" ;; esac
  fi
  case $kind in onnx | fp16.onnx | int8.onnx) node_bench --runtime web >"$work/$kind.web.json" ;; esac
done
node scripts/bench/exports_table.mjs "$work" "$(header "" "${NOTE:-}")" "${networks[@]}" >$result.new
publish $result

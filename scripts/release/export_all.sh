#!/usr/bin/env bash
# Exports every shipped model in every format and precision, with the vectors that the processor has and with AVX2 forced, and writes what
# the comparison with the network found: docs/benchmarks/export_all.md. After scripts/build.sh; needs Node. About 25
# minutes on two cores; if it is stopped, the same command continues.
#   scripts/release/export_all.sh [MODEL...]      such as: scripts/release/export_all.sh models/mosaic/micro.safetensors; default: all
. "$(dirname "$0")/../common.sh"
work=build/export_all
result=docs/benchmarks/export_all.md
models=("$@")
[ ${#models[@]} -gt 0 ] || mapfile -t models < <(shipped_models)

# export_one MODEL VECTORS: the results of all its files; the files themselves are not kept.
export_one() {
  local name results settings=()
  name=$(basename "$(dirname "$1")")-$(basename "$1" .safetensors)-$2
  results=$work/$name.json
  [ ! "$results" -nt "$1" ] || return 0  # also done again after the model was trained again
  [ "$2" = own ] || settings=("${avx2_only[@]}")
  # 4: some files differ too much. They are in the results.
  env "${settings[@]}" OMP_NUM_THREADS=1 "$pocketstyle" export "$1" -o "$work/$name" --precision all --results "$results.new" \
    --force >"$work/$name.log" 2>&1 || [ $? = 4 ] || { tail -3 "$work/$name.log" >&2; return 1; }
  rm -rf "${work:?}/$name"
  mv "$results.new" "$results"
}
if [ "${1:-}" = --one ]; then
  export_one "$2" "$3"
  exit
fi
mkdir -p "$work"
for model in "${models[@]}"; do printf '%s\0' "$model" own "$model" avx2; done |
  xargs -0 -n 2 -P "$(nproc)" "$root/$script" --one
node scripts/release/export_all_table.mjs "$work" "$(header)" >$result.new
publish $result

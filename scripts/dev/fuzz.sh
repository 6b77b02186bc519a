#!/usr/bin/env bash
# Builds the fuzzers of tests/fuzz (libFuzzer, with AddressSanitizer and UndefinedBehaviorSanitizer) and runs each.
#   scripts/dev/fuzz.sh [SECONDS [NAME...]]      # default: 60 seconds, all
# Begins with the seeds in tests/fuzz/seeds (for YAML configs) and what earlier runs found, in build/fuzz/corpus. What crashes a reader is
# written into build/fuzz/faults; once mended, it becomes a case of that reader's test. Debian: clang, libclang-rt-14-dev.
. "$(dirname "$0")/../common.sh"
need clang++ "clang and libclang-rt-14-dev"
seconds=${1:-60}
readers=("${@:2}")
[ ${#readers[@]} -gt 0 ] || readers=(zip yaml http_head form picture_header safetensors net onnx tflite)
cmake --preset fuzz >/dev/null
cmake --build build/fuzz --target "${readers[@]/#/fuzz_}" >build/fuzz/build.log || { tail -20 build/fuzz/build.log >&2; exit 1; }

failed=0
printf '%-16s %8s %10s %9s %7s  %s\n' reader seconds inputs branches kept result
for reader in "${readers[@]}"; do
  corpus=build/fuzz/corpus/$reader
  log=build/fuzz/$reader.log
  mkdir -p "$corpus" build/fuzz/faults
  seeds=tests/fuzz/seeds/$reader
  [ "$reader" != yaml ] || seeds=configs
  result=clean
  build/fuzz/tests/fuzz/fuzz_"$reader" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/faults/$reader-" "$corpus" "$seeds" >"$log" 2>&1 ||
    { result="FAULT: $log"; failed=1; }
  printf '%-16s %8s %10s %9s %7s  %s\n' "$reader" "$seconds" \
    "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" "$(grep -o 'cov: [0-9]*' "$log" | tail -1 | cut -c6-)" \
    "$(find "$corpus" -type f | wc -l)" "$result"
done
exit $failed

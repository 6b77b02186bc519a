#!/usr/bin/env bash
# What each step took that a run's metrics have, in seconds, one a line: for the benchmarks.
#   scripts/step_seconds.sh RUN/metrics.jsonl...
set -euo pipefail
grep -h '"kind":"step"' "$@" | sed 's/.*"seconds":{\(.*\)}}/\1/; s/"[a-z]*"://g' |
  awk -F, '{ s = 0; for (i = 1; i <= NF; ++i) s += $i; print s }'

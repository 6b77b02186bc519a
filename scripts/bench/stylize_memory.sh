#!/usr/bin/env bash
# Prints a Markdown table of the peak memory and the seconds that stylising large photos takes, whole and in strips. After
# scripts/build.sh tests; needs GNU time (package time). About 40 minutes on 2 cores.
#   scripts/bench/stylize_memory.sh [ORIGINAL BOTTLENECK MINI]    run folders or weights; default: trained 2 steps here
#   REPEATS=3 THREADS=2 CASES="1920x1080:500" (photo and --memory) are from the environment; cases take turns, repeats
#   give the spread. On a busy machine OMP_WAIT_POLICY=passive keeps threads from spinning while they wait.
. "$(dirname "$0")/../common.sh"
work=build/benchmark_stylize
repeats=${REPEATS:-3}
threads=${THREADS:-2}
names=(original bottleneck mini)
mkdir -p "$work"

networks=()
for i in 0 1 2; do
  network=${*:i+1:1}
  if [ -z "$network" ]; then
    network=$work/${names[i]}
    [ -e "$network/final.safetensors" ] || train_briefly "$network" 2 --set net.preset="${names[i]}" --set data.held_out_photos=1
  fi
  networks+=("$network")
done
for size in 1920x1080 6000x4000; do
  build/release/tests/stylize/make_photo third_party/photos/val/city10.jpg "${size%x*}" "${size#*x}" "$work/$size.jpg"
done

# measure NETWORK SIZE MEMORY: adds "network seconds", "wall seconds" and "peak kB" to a file of its own.
measure() {
  local log=$work/$1.$2.$3
  /usr/bin/time -f '%e %M' -o "$log.time" "$pocketstyle" stylize "${networks[$1]}" "$work/$2.jpg" -o "$work/styled.jpg" --force \
    --threads "$threads" --memory "$3" >"$log.out"
  echo "$(sed -n 's/.*  \([0-9]*\) ms$/\1/p' "$log.out" | awk '{ print $1 / 1000 }') $(cat "$log.time")" >>"$log"
}
IFS=' ' read -ra cases <<<"${CASES:-1920x1080:9000 1920x1080:1000 1920x1080:500 6000x4000:2000 6000x4000:8000}"
rm -f "$work"/[0-2].*
for ((repeat = 0; repeat < repeats; ++repeat)); do
  for case in "${cases[@]}"; do
    for i in 0 1 2; do measure "$i" "${case%:*}" "${case#*:}"; done
  done
done

echo "| network | photo | --memory, MB | peak memory, MB | in the network, s (lowest to highest) | whole program, s |"
echo "|---|---|---:|---:|---:|---:|"
for i in 0 1 2; do
  for case in "${cases[@]}"; do
    sort -n "$work/$i.${case%:*}.${case#*:}" | awk -v row="${names[i]} | ${case%:*} | ${case#*:}" '
      { network[NR] = $1; wall[NR] = $2; if ($3 > peak) peak = $3 }
      END { m = int((NR + 1) / 2)
            printf "| %s | %.0f | %.1f (%.1f to %.1f) | %.1f |\n", row, peak * 1.024 / 1000, network[m], network[1], network[NR], wall[m] }'
  done
done

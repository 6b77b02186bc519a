#!/usr/bin/env bash
# Runs exported .pt and .ptl files of every shipped model on Debian's arm64 LibTorch, and .onnx files on the arm64 ONNX Runtime in
# Debian's arm64 Node, all under qemu-user, and compares them with the network in double precision: fp32, and of micro fp16 and int8
# too. Correctness only: an emulator says nothing about speed. Writes docs/benchmarks/arm64.txt. After scripts/build.sh; about an
# hour and a half on two cores; if it is stopped, the same command continues. Needs npm; downloads 310 MB and takes 1.8 GB the first
# time, in build/arm64, and touches none of the system's packages but a cross compiler. As root, or with sudo.
#   scripts/release/arm64.sh [MODEL...]      such as: scripts/release/arm64.sh models/mosaic/micro.safetensors; default: all
. "$(dirname "$0")/../common.sh"
folder=$root/build/arm64
results=$folder/results
result=docs/benchmarks/arm64.txt
largest_side=70  # of the pictures; larger ones take minutes

emulated() {
  "$folder/qemu/usr/bin/qemu-aarch64-static" -cpu neoverse-n1 -L "$folder/root" \
    -E LD_LIBRARY_PATH=/usr/lib/aarch64-linux-gnu:/usr/lib/aarch64-linux-gnu/openblas-pthread "$@"
}

# check MODEL: a line for each file and method, or size, into $results.
check() {
  local network work precision=fp32 file base
  network=$(basename "$1" .safetensors)
  work=$results/$(basename "$(dirname "$1")")-$network
  [ ! "$work.txt" -nt "$1" ] || return 0  # also done again after the model was trained again
  [ "$network" != micro ] || precision=all
  rm -rf "$work"
  "$pocketstyle" export "$1" -o "$work/models" --name net --format pt,ptl,onnx,u8.onnx,rgba.onnx --precision $precision \
    --references "$work/references" >/dev/null
  "$pocketstyle" export "$1" -o "$work/models" --name net.plain --format pt,ptl --lowering none >/dev/null
  {
    for file in "$work"/models/*.pt "$work"/models/*.ptl; do
      base=$(basename "${file%.*}")
      # 4: it differs too much, which a line says.
      emulated "$folder/run_references" "$work/references" "${base%.plain}" "$file" $largest_side || [ $? = 4 ]
    done
    emulated "$folder/root/usr/bin/node" examples/node/verify.mjs "$work/models" "$work/references" \
      --largest-side $largest_side || [ $? = 4 ]
  } >"$work.new"
  mv "$work.new" "$work.txt"
  rm -rf "$work"
}
if [ "${1:-}" = --one ]; then
  check "$2"
  exit
fi
need npm "Node.js with npm"

scripts/install_deps.sh g++-aarch64-linux-gnu
if [ ! -e "$folder/root/complete" ]; then
  # An apt of its own, which knows arm64 only and believes that nothing is installed.
  mkdir -p "$folder"/apt/etc "$folder"/apt/lists/partial "$folder"/apt/cache/archives/partial "$folder/root"
  : >"$folder/apt/status"
  keys=/usr/share/keyrings/debian-archive-keyring.gpg
  echo "deb [signed-by=$keys] ${DEBIAN_MIRROR:-http://deb.debian.org/debian} bookworm main" >"$folder/apt/sources.list"
  cat >"$folder/apt/apt.conf" <<CONF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "";
APT::Install-Recommends "false";
Dir::Etc "$folder/apt";
Dir::Etc::sourcelist "sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::main "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$folder/apt";
Dir::State::status "$folder/apt/status";
Dir::Cache "$folder/apt/cache";
CONF
  APT_CONFIG=$folder/apt/apt.conf apt-get update -qq
  APT_CONFIG=$folder/apt/apt.conf apt-get install -y -qq --download-only libtorch-dev libopenblas0-pthread nodejs >/dev/null
  for package in "$folder"/apt/cache/archives/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
  # ONNX Runtime reads this file when it is loaded and crashes on that of another processor, which qemu lets through.
  mkdir -p "$folder/root/proc"
  for i in 0 1; do
    printf 'processor\t: %d\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp
CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n\n' $i
  done >"$folder/root/proc/cpuinfo"
  touch "$folder/root/complete"
fi
if [ ! -e "$folder/qemu/usr/bin/qemu-aarch64-static" ]; then
  (cd "$folder" && apt-get -o APT::Sandbox::User=root download -qq qemu-user-static && dpkg-deb -x qemu-user-static_*.deb qemu)
fi

# By full path: that folder has a libc.so too, whose own paths are of another root.
libraries=$folder/root/usr/lib/aarch64-linux-gnu
mkdir -p "$folder/include"
ln -sfn /usr/include/nlohmann "$folder/include/nlohmann"
[ "$folder/run_references" -nt tests/arm64/run_references.cpp ] ||
  aarch64-linux-gnu-g++ -std=c++17 -O1 -w -D_GLIBCXX_USE_CXX11_ABI=1 tests/arm64/run_references.cpp -o "$folder/run_references" \
    -I "$folder/include" -idirafter "$folder/root/usr/include" -idirafter "$folder/root/usr/include/torch/csrc/api/include" \
    -Wl,-rpath-link="$libraries" -Wl,--allow-shlib-undefined -Wl,--no-as-needed \
    "$libraries/libtorch.so" "$libraries/libtorch_cpu.so" "$libraries/libc10.so"
install_node_examples  # with ONNX Runtime for every processor; the emulated Node loads the one for its own

models=("$@")
[ ${#models[@]} -gt 0 ] || mapfile -t models < <(shipped_models)
mkdir -p "$results"
printf '%s\0' "${models[@]}" | OMP_NUM_THREADS=1 xargs -0 -n 1 -P "$(nproc)" "$root/$script" --one

# A row of run_references: FILE METHOD N cases largest difference X allowed Y VERDICT; of verify.mjs: FILE SHAPE X MEAN DB allowed Y MS VERDICT.
{
  header "$(ls "$results"/*.txt | wc -l) of $(shipped_models | wc -l) shipped models; LibTorch 1.13.1 and ONNX Runtime for arm64 under qemu-user; pictures of 64x64 and 65x63, against double precision"
  echo
  printf '%-28s %9s %10s  %-15s %10s %8s\n' model rows passed "nearest floats" difference allowed
  for found in "$results"/*.txt; do
    awk -v model="$(basename "$found" .txt)" '
      $NF ~ /^(ok|FAILED|DIFFERS)$/ {
        rows++; passed += $NF == "ok"
        found = $5 == "largest" ? $7 : $3; allowed = $5 == "largest" ? $9 : $6
        if (allowed < 1 && found / allowed >= share) { share = found / allowed; name = $1; most = found; limit = allowed }
      }
      END { sub(/^net\./, "", name); sub(/-/, "/", model)
            printf "%-28s %9d %10d  %-15s %10.1e %8.1e\n", model, rows, passed, name, most, limit }' "$found"
  done
} >$result.new
publish $result
! grep -l -E '(FAILED|DIFFERS)$' "$results"/*.txt || exit 4

#!/usr/bin/env bash
# Runs exported .pt and .ptl files on Debian's arm64 LibTorch, and .onnx files on the arm64 ONNX Runtime in Debian's arm64
# Node, all under qemu-user, and compares them with reference tensors. Correctness only: an emulator says nothing about
# speed. After scripts/build.sh; needs npm, downloads 310 MB and takes 1.8 GB the first time; touches none of the
# system's packages but a cross compiler. As root, or with sudo.
#   scripts/release/arm64.sh [FOLDER] [NETWORK]    default: build/arm64, and a small network trained for it
. "$(dirname "$0")/../common.sh"
folder=${1:-build/arm64}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
network=${2:-$folder/run}
largest_side=70  # of the references; larger ones take minutes
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
  (cd "$folder" && apt-get download -qq qemu-user-static && dpkg-deb -x qemu-user-static_*.deb qemu)
fi

# By full path: that folder has a libc.so too, whose own paths are of another root.
libraries=$folder/root/usr/lib/aarch64-linux-gnu
mkdir -p "$folder/include"
ln -sfn /usr/include/nlohmann "$folder/include/nlohmann"
aarch64-linux-gnu-g++ -std=c++17 -O1 -w -D_GLIBCXX_USE_CXX11_ABI=1 tests/arm64/run_references.cpp -o "$folder/run_references" \
  -I "$folder/include" -idirafter "$folder/root/usr/include" -idirafter "$folder/root/usr/include/torch/csrc/api/include" \
  -Wl,-rpath-link="$libraries" -Wl,--allow-shlib-undefined -Wl,--no-as-needed \
  "$libraries/libtorch.so" "$libraries/libtorch_cpu.so" "$libraries/libc10.so"

[ -e "$network" ] || train_briefly "$network" 20
rm -rf "$folder/models"
"$pocketstyle" export "$network" -o "$folder/models" --name net --precision all --references "$folder/references" >/dev/null
"$pocketstyle" export "$network" -o "$folder/models" --name net.plain --format pt,ptl --lowering none >/dev/null

failed=0
emulated() {
  "$folder/qemu/usr/bin/qemu-aarch64-static" -cpu neoverse-n1 -L "$folder/root" \
    -E LD_LIBRARY_PATH=/usr/lib/aarch64-linux-gnu:/usr/lib/aarch64-linux-gnu/openblas-pthread "$@"
}
run() {
  emulated "$folder/run_references" "$folder/references" "$1" "$folder/models/$2" "$largest_side" || failed=4
}
for precision in "" .fp16 .int8; do
  for format in pt ptl; do run "net$precision" "net$precision.$format"; done
done
run net net.plain.pt
run net net.plain.ptl

# The npm package has ONNX Runtime for every processor; the emulated Node loads the one for its own.
install_node_examples
emulated "$folder/root/usr/bin/node" examples/node/verify.mjs "$folder/models" "$folder/references" \
  --largest-side "$largest_side" || failed=4
exit $failed

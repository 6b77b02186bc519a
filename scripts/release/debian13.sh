#!/usr/bin/env bash
# Builds and tests this tree on Debian 13 (LibTorch 2.6, OpenCV 4.10, Catch2 3) in a chroot, and runs there what a
# Debian 12 build exported. As root, with debootstrap; about 4 GB of disk and 30 minutes on 2 cores the first time.
#   scripts/release/debian13.sh [FOLDER]      the chroot, kept for the next time; default: build/debian13
# The Debian 12 build is build/release, or what POCKETSTYLE names; without one, the comparison is left out.
. "$(dirname "$0")/../common.sh"
chroot=${1:-build/debian13}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
photo=third_party/photos/val/city10.jpg

need debootstrap debootstrap
[ -x "$chroot/usr/bin/apt-get" ] || debootstrap --variant=minbase trixie "$chroot" "$mirror"
inside() { chroot "$chroot" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }
mounted() { mountpoint -q "$chroot/proc"; }
mounted || mount -t proc proc "$chroot/proc"
trap 'umount "$chroot/proc" 2>/dev/null || true' EXIT

echo "== Build and test =="
mkdir -p "$chroot/pocketstyle"
git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- --create | tar --extract --directory "$chroot/pocketstyle"
inside /pocketstyle/scripts/test.sh
inside /pocketstyle/scripts/release/package.sh
scripts/dev/test_package.sh "$chroot"/pocketstyle/build/release/package/*.deb

[ -x "$pocketstyle" ] || { echo "No Debian 12 build at $pocketstyle: nothing to compare with."; exit 0; }
echo "== Files exported on Debian 12, run on both =="
inside dpkg-query -W imagemagick >/dev/null 2>&1 ||
  inside DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends imagemagick >/dev/null 2>&1
work=$chroot/pocketstyle/build/exchange
rm -rf "$work"
mkdir -p "$work"
train_briefly "$work/run" 6
"$pocketstyle" export "$work/run" -o "$work" --name net --precision all >/dev/null
worst=0
for file in "$work"/net*.pt "$work"/net*.ptl "$work"/net*.onnx; do
  name=$(basename "$file")
  "$pocketstyle" stylize "$file" "$photo" -o "$work/$name.12.png" --size 251 >/dev/null
  inside sh -c "cd /pocketstyle && build/release/src/cli/pocketstyle stylize 'build/exchange/$name' '$photo' \
    -o 'build/exchange/$name.13.png' --size 251" >/dev/null
  # The largest difference at any pixel, in 16-bit levels and, in brackets, as a share of the range.
  share=$(inside compare -metric PAE "/pocketstyle/build/exchange/$name.12.png" "/pocketstyle/build/exchange/$name.13.png" null: 2>&1 |
    sed 's/.*(\(.*\)).*/\1/' || true)
  levels=$(awk -v s="$share" 'BEGIN { printf "%.0f", s * 255 }')
  printf '%-24s largest difference %s of 255\n' "$name" "$levels"
  [ "$levels" -le "$worst" ] || worst=$levels
done
inside dpkg-query -W -f '${Package} ${Version}\n' libtorch-dev libopencv-dev catch2 g++
[ "$worst" -le 1 ] || die "files differ by more than one level"

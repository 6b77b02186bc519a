#!/usr/bin/env bash
# Installs what pocketstyle needs on Debian 12 or 13, and only what is missing. As root, or with sudo.
#   scripts/install_deps.sh [more packages]
set -euo pipefail

packages=(g++ cmake ninja-build pkg-config
          libtorch-dev libopenblas0-pthread libopencv-dev opencv-data libcli11-dev nlohmann-json3-dev libspdlog-dev libyaml-cpp-dev
          libkainjow-mustache-dev libgloo-dev libssl-dev zlib1g-dev libboost-dev libsqlite3-dev
          liblcms2-dev libpng-dev libturbojpeg0-dev libwebp-dev libheif-dev
          libavfilter-dev libavformat-dev libavcodec-dev libswscale-dev libavutil-dev catch2 curl clang-format "$@")
# Debian 13 has libheif's decoders in packages of their own.
for package in libheif-plugin-libde265 libheif-plugin-dav1d; do
  apt-cache show "$package" >/dev/null 2>&1 && packages+=("$package")
done
# The web app is built with Node.js. An npm that is there stays: NodeSource's nodejs brings its own and conflicts with Debian's.
command -v npm >/dev/null || packages+=(nodejs npm)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "All Debian packages are there."
  exit 0
fi

sudo=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "install_deps.sh: run as root, or install sudo; missing: ${missing[*]}" >&2; exit 1; }
  sudo=(sudo)
fi
echo "Installing: ${missing[*]}"
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null

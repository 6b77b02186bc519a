#!/usr/bin/env bash
# Makes the Debian package of this tree, for the release of Debian that it runs on. Builds what is missing in build/release;
# with a complete build it takes under a minute. The package: build/release/package/pocketstyle_*.deb
#   scripts/release/package.sh
. "$(dirname "$0")/../common.sh"
scripts/install_deps.sh dpkg-dev file

[ -e build/release/build.ninja ] || scripts/build.sh
cmake --build build/release --target pocketstyle pocketstyle_web pocketstyle_reference
rm -rf build/release/package
(cd build/release && cpack) >build/package.log 2>&1 || { tail -30 build/package.log >&2; die "cpack failed"; }
for package in build/release/package/*.deb; do
  echo "$package: $(du -h --apparent-size "$package" | cut -f1)B, depends on $(dpkg-deb --field "$package" Depends | tr ',' '\n' | wc -l) packages"
done

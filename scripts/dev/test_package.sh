#!/usr/bin/env bash
# Installs the Debian package into a clean chroot of the same release, with its dependencies from apt, and tries it there: a shipped
# model, a short training, the server's page, the manual page, completion in three shells, removal.
# As root, after scripts/release/package.sh. About 1.5 GB of disk and 4 minutes, most of them apt's.
#   scripts/dev/test_package.sh [PACKAGE]
. "$(dirname "$0")/../common.sh"
package=${1:-$(find build/release/package -name '*.deb' 2>/dev/null | head -1)}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
photo=/usr/share/pocketstyle/third_party/photos/val/city10.jpg

[ -f "$package" ] || die "no package; run scripts/release/package.sh first"
[ "$(id -u)" -eq 0 ] || die "run as root: it makes a chroot"
case $package in
  *~debian12_*) suite=bookworm ;;
  *~debian13_*) suite=trixie ;;
  *) die "$package: not made on Debian 12 or 13" ;;
esac
scripts/install_deps.sh debootstrap
chroot=$(mktemp -d)
chmod 755 "$chroot" # for users in it: apt, man
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$chroot"' EXIT

# Runs a command in the chroot. The mounts of /proc and /dev/pts (for zsh and apt) end with it.
enter=(unshare --mount sh -c 'mount -t proc proc "$0/proc" && { mount --bind /dev/pts "$0/dev/pts" || true; } && exec chroot "$0" "$@"' "$chroot" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8
       PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"})
inside() { "${enter[@]}" "$@"; }
# expect PATTERN COMMAND...: it succeeds, and a line of its output matches.
expect() {
  local pattern=$1 output
  shift
  output=$("$@" 2>&1) || die "$*: exit $?: $output"
  grep -qE -- "$pattern" <<<"$output" || die "$*: expected /$pattern/, found: $output"
}

echo "== A clean $suite =="
debootstrap --variant=minbase "$suite" "$chroot" "$mirror" >"$chroot.log" 2>&1 || { tail -20 "$chroot.log" >&2; die "debootstrap failed"; }
rm "$chroot.log"
echo force-unsafe-io >"$chroot/etc/dpkg/dpkg.cfg.d/unsafe-io" # it is thrown away
cp "$package" "$chroot/pocketstyle.deb"
inside apt-get install -y -qq --no-install-recommends /pocketstyle.deb man-db bash-completion zsh fish >/dev/null
inside dpkg-query -W -f '${Package} ${Version}, ${Installed-Size} kB\n' pocketstyle

echo "== The program =="
expect 'starry_night/mini' inside pocketstyle models
expect '^/styled.jpg +720x360' inside pocketstyle stylize --model starry_night "$photo" -o /styled.jpg
[ -s "$chroot/styled.jpg" ] || die "stylize: no picture"
expect 'final.safetensors' inside sh -c "pocketstyle train /usr/share/pocketstyle/configs/demo.yaml --set train.steps=2 \
  --set train.warmup=1 --set data.crop=64 --set data.window_max=96 --set data.held_out_size=64 --set run.folder=/run1 && ls /run1"

echo "== The server =="
: >"$chroot/serve.log"  # the shell in the background makes it too late
"${enter[@]}" pocketstyle serve --data /server --port 0 >"$chroot/serve.log" 2>&1 &
server=$!
for ((try = 0; try < 300; ++try)); do
  url=$(sed -n 's/^serving .* on \(http[^ ]*\)$/\1/p' "$chroot/serve.log")
  [ -z "$url" ] || break
  sleep 0.1
done
[ -n "$url" ] || die "serve: no address: $(cat "$chroot/serve.log")"
url=${url%/}
page=$(curl -fsS "$url/")
script_path=$(grep -oE '/assets/main-[A-Z0-9]+\.js' <<<"$page" | head -1)
[ -n "$script_path" ] || die "serve: the page is not the app: $page"
curl -fsS "$url$script_path" -o "$chroot/main.js"
for ((try = 0; try < 600; ++try)); do # it makes their files first
  ! curl -fsS "$url/api/v1/models" | grep -q '"starry_night"' || break
  sleep 0.1
done
expect '"starry_night"' curl -fsS "$url/api/v1/models"
kill "$server"
wait "$server" || die "serve: exit $?: $(cat "$chroot/serve.log")"
server=

echo "== The manual page and completion =="
expect 'pocketstyle stylize' inside man -P cat pocketstyle
expect '^$' inside sh -c 'man --warnings -P cat pocketstyle 2>&1 >/dev/null; echo'
cat >"$chroot/complete.bash" <<'END'
. /usr/share/bash-completion/bash_completion
_completion_loader pocketstyle
# Words as on a line of the shell; the last is completed.
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE=$* COMP_POINT=${#COMP_LINE}
_pocketstyle
printf '%s\n' "${COMPREPLY[@]}"
END
cat >"$chroot/complete.zsh" <<'END'
# What zsh shows for a line and Tab, in a terminal of its own.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell $'PS1= LISTMAX=999; autoload -U compinit; compinit -u; zstyle ":completion:*" list-separator --; print READY\n'
zpty -r -m shell line $'*READY\r\n*'
zpty -w -n shell "$1"$'\t'
sleep 2
zpty -r -t shell line && print -r -- $line
while zpty -r -t shell line; do print -r -- $line; done
END
bash_words() { inside bash /complete.bash "$@"; }
fish_words() { inside fish -c "complete -C '$1'"; }
zsh_words() { inside zsh -f /complete.zsh "$1"; }
expect '^stylize$' bash_words pocketstyle sty
expect '^--keep-colors$' bash_words pocketstyle stylize --k
expect '^webp$' bash_words pocketstyle stylize --format w
expect '^/styled.jpg$' bash_words pocketstyle stylize /sty
expect '^train$' bash_words pocketstyle bench tr
expect '^stylize\b' fish_words 'pocketstyle sty'
expect '^--keep-colors\b' fish_words 'pocketstyle stylize --k'
expect '^webp\b' fish_words 'pocketstyle stylize --format '
expect '^/styled.jpg' fish_words 'pocketstyle stylize /sty'
if inside zsh -fc 'zmodload zsh/zpty && zpty try true' 2>/dev/null; then
  expect 'stylize' zsh_words 'pocketstyle sty'
  expect '--keep-colors' zsh_words 'pocketstyle stylize --k'
  expect 'webp' zsh_words 'pocketstyle stylize --format '
else
  echo "SKIPPED: completion in zsh (no pseudo-terminal here)"
fi

echo "== Removal =="
inside apt-get purge -y -qq pocketstyle >/dev/null
left=$(find "$chroot/usr" "$chroot/etc" "$chroot/var/lib" -path '*pocketstyle*' -not -path '*/dpkg/*' -not -path '*/man-db/*')
[ -z "$left" ] || die "left behind: $left"
echo "The package works on $suite."

#!/usr/bin/env bash
# The manual page and the shells' completions, which `generate` makes from the options: nothing of --help is missing in them.
set -u
. "$(dirname "$0")/helpers.sh"

for kind in man bash zsh fish; do
  check "$pocketstyle" generate "$kind" >"$kind"
done
sed -i 's/\\-/-/g' man
expect 2 'kind' "$pocketstyle" generate powershell

# Every command and option, as --help names them.
commands=$("$pocketstyle" --help | sed -n '/^Commands:/,/^[^ ]*$/s/^  \([a-z]*\) .*/\1/p')
check [ "$(wc -w <<<"$commands")" -ge 14 ]
for command in $commands; do
  options=$("$pocketstyle" "$command" --help | grep -oE '^  (-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+')
  for kind in man bash zsh fish; do
    check grep -qw -- "$command" "$kind"
    for option in $options; do
      word=$option
      [ "$kind" != fish ] || word="-l ${option#--}"
      check grep -qF -- "$word" "$kind"
    done
  done
done
# Not the commands that are hidden there.
for kind in man zsh fish; do
  check eval "! grep -qE 'pocketstyle[ /_]picture|-a picture' $kind"
done

# bash: the last word is completed; the two functions of bash-completion that it calls stand in here.
cat >complete.bash <<'END'
_init_completion() { words=("${COMP_WORDS[@]}") cword=$COMP_CWORD cur=${words[cword]} prev=${words[cword-1]}; }
_filedir() { COMPREPLY=("FILES$*"); }
. ./bash
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_pocketstyle
echo "${COMPREPLY[*]}"
END
completes() { expect 0 "^$1\$" bash complete.bash pocketstyle "${@:2}"; }
completes 'stylize' sty
completes 'train stylize ops' bench ''
completes '--keep-colors' stylize --k
completes 'png jpg webp' stylize --format ''
completes 'rgb' weights import --channels r
completes 'FILES' stylize train
completes 'FILES' stylize -o ''
completes 'FILES-d' serve --web ''
completes '' stylize --quality ''

# Each shell that is there reads its own.
check bash -n bash
! command -v zsh >/dev/null || check zsh -n zsh
! command -v fish >/dev/null || check fish -n fish
finish

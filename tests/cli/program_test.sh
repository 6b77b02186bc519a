#!/usr/bin/env bash
# The program as such: help, version, exit codes, and what is given to a command and is not there.
set -u
. "$(dirname "$0")/helpers.sh"

expect 0 'Examples:' "$pocketstyle" --help
expect 0 '^[0-9]+\.[0-9]+\.[0-9]+$' "$pocketstyle" --version
expect 2 'subcommand' "$pocketstyle"
expect 2 'nonsense' "$pocketstyle" nonsense
for command in train sweep compress optimize config export report stylize evaluate bench serve inspect import weights; do
  expect 0 '(Examples|Subcommands):' "$pocketstyle" "$command" --help
done

# One line, exit code 3.
mkdir empty
missing() { expect 3 '^pocketstyle: (none|empty)' "$pocketstyle" "$@"; }
missing inspect none
missing export none -o out
missing stylize none "$photo" -o a.jpg
missing bench stylize none
missing import none -o out
missing weights import none -o out
missing train --resume none
missing train --resume empty
missing inspect empty
missing stylize empty "$photo" -o a.jpg
missing report none
missing evaluate none --config "$repository/configs/demo.yaml"
expect 3 'expected a safetensors, TorchScript' "$pocketstyle" inspect "$repository/README.md"
finish

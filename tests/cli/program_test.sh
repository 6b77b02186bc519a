#!/usr/bin/env bash
# The program as such: help, version, exit codes, and what is given to a command and is not there.
set -u
. "$(dirname "$0")/helpers.sh"

expect 0 'Examples:' "$pocketstyle" --help
expect 0 '^[0-9]+\.[0-9]+\.[0-9]+$' "$pocketstyle" --version
# A command line that cannot be read: one line, or the help of a command that needs another after it.
expect 2 '^Usage: pocketstyle ' "$pocketstyle"
expect 2 '^Usage: pocketstyle bench ' "$pocketstyle" bench
wrong() { expect 2 "^pocketstyle: $1\$" "$pocketstyle" "${@:2}"; }
wrong 'nonsense: no such command; see pocketstyle --help' nonsense
wrong 'stylise: no such command; did you mean stylize\?' stylise a.jpg -o b.jpg
wrong 'bench: stile: no such command; see pocketstyle bench --help' bench stile
wrong '--ouput: no such option; see pocketstyle --help' --ouput=b.jpg stylize run a.jpg
wrong 'stylize: --ouput: no such option; did you mean --output\?' stylize run a.jpg --ouput=b.jpg
wrong 'stylize: --output is required: Picture file for one photo.*' stylize run a.jpg
wrong 'stylize: --output: expected a value, found nothing' stylize run a.jpg -o
wrong 'models: -: one argument too many; see pocketstyle models --help' models -
wrong 'optimize: --size: expected 16 to 8192, found wide' optimize a.jpg -o b.jpg --size wide
wrong 'optimize: --size: expected 16 to 8192, found nothing' optimize a.jpg -o b.jpg --size ''
wrong 'export: --max-mean-diff: expected more than 0, found -1' export run -o out --max-mean-diff -1
wrong 'train: config: expected an existing file, found none.yaml' train none.yaml
wrong 'report: --photos requires --compare' report run --photos 3
wrong 'serve: --host cannot be combined with --worker' serve --data none --worker http://none --host none
for command in train sweep compress optimize config export report stylize evaluate bench serve inspect import weights; do
  expect 0 '(Examples|Commands):' "$pocketstyle" "$command" --help
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

# With little address space (ulimit -v), OpenBLAS would try for ever to get its buffers. The loader itself may fail (127).
limited() { OPENBLAS_NUM_THREADS=2 bash -c 'ulimit -v "$0"; exec timeout 60 "$@"' "$@"; }
for megabytes in 700 800; do
  limited $((megabytes << 10)) "$pocketstyle" stylize "$repository/models/mosaic/micro.safetensors" "$photo" -o limited.png --size 64 --force >limited.log 2>&1
  status=$?
  check test "$status" -ne 124 -a "$status" -ne 137
  [ "$status" -ne 1 ] || check grep -qE "limit of address space \(ulimit -v\) leaves [0-9]+ MB, expected at least [0-9]+|out of memory" limited.log
done

# A folder on a file system that cannot be written: one line, with the path. Mounts need root or a namespace of users.
cat >read_only.sh <<"END"
mkdir fixed && mount -t tmpfs tmpfs fixed && mkdir fixed/data && mount -o remount,ro fixed || exit 99
"$1" stylize "$2/models/mosaic/micro.safetensors" "$3" -o fixed/a.png --size 64; echo "exit $?"
"$1" export "$2/models/mosaic/micro.safetensors" -o fixed/out --format onnx; echo "exit $?"
"$1" train "$2/configs/demo.yaml" --set run.folder=fixed/run; echo "exit $?"
"$1" serve --data fixed/data --port 0; echo "exit $?"
END
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(--user --map-root-user)
if unshare "${as_root[@]}" --mount bash read_only.sh "$pocketstyle" "$repository" "$photo" >read_only.log 2>&1; then
  check test "$(grep -cx "exit 3" read_only.log)" -eq 4
  check test "$(grep -cE "^pocketstyle: .*fixed/[^:]*: cannot (be written|create the folder): Read-only file system\$" read_only.log)" -eq 4
fi
finish

#!/usr/bin/env bash
# Fails if a file includes a module, or an outside library, that the table in docs/architecture.md does not allow it.
# The table's rows read: | module | may include | outside libraries | what it is |
. "$(dirname "$0")/../common.sh"

awk -F'|' '
  FILENAME == "docs/architecture.md" {
    if ($2 ~ /^ `[a-z]+` $/) {
      gsub(/[ `]/, "", $2); modules[$2] = 1
      n = split($3, list, /[ ,`]+/); for (i = 1; i <= n; ++i) allowed[$2, list[i]] = 1
      n = split($4, list, /[ ,`]+/); for (i = 1; i <= n; ++i) library[$2, list[i]] = 1
    }
    next
  }
  /^#include/ {
    split(FILENAME, part, "/")
    module = part[1] == "src" ? part[2] : part[3]
    if (!(module in modules)) { print FILENAME ": module " module " is not in docs/architecture.md"; bad = 1; nextfile }
    target = $0; sub(/^#include +[<"]/, "", target); sub(/[>"].*/, "", target)
    if (target ~ /^pocketstyle\//) {
      split(target, t, "/")
      if (t[2] != module && !((module, t[2]) in allowed)) {
        print FILENAME ":" FNR ": " module " may not include " t[2] " (" target ")"; bad = 1
      }
      next
    }
    name = ""
    if (target ~ /^(torch|c10|ATen|caffe2)\//) name = "LibTorch"
    else if (target ~ /^opencv2\//) name = "OpenCV"
    else if (target ~ /^lib(av|sw)[a-z]+\//) name = "FFmpeg"
    else if (target ~ /^yaml-cpp\//) name = "yaml-cpp"
    else if (target ~ /^CLI\//) name = "CLI11"
    else if (target ~ /^nlohmann\//) name = "nlohmann_json"
    else if (target ~ /^openssl\//) name = "OpenSSL"
    else if (target ~ /^kainjow\//) name = "Mustache"
    else if (target ~ /^zlib/) name = "zlib"
    else if (target ~ /^httplib/) name = "cpp-httplib"
    else if (target ~ /^sqlite3/) name = "SQLite"
    else if (target ~ /^iostream$/) name = "iostream"
    if (name != "" && !((module, name) in library)) {
      print FILENAME ":" FNR ": " module " may not include " name " (" target ")"; bad = 1
    }
    ++checked
  }
  END {
    if (bad) exit 1
    if (!checked) { print "check_layers.sh: found nothing to check"; exit 1 }
    print checked " includes follow docs/architecture.md"
  }' docs/architecture.md $(find src include -name '*.h' -o -name '*.cpp' | sort)

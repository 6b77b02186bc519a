#!/usr/bin/env bash
# Fails if a file includes a module, or an outside library, that the table in docs/architecture.md does not allow it.
# The table's rows read: | module | may include | outside libraries | what it is |
# A module whose row does not name LibTorch must not get its headers through ours either: they take long to compile.
. "$(dirname "$0")/../common.sh"

awk -F'|' '
  # Whether `file` includes LibTorch, itself or through our headers; torch_by[file] is then what it includes for that.
  function reaches_torch(file,   n, list, i) {
    if (file in torch_by) return torch_by[file] != ""
    torch_by[file] = ""
    n = split(ours[file], list, " ")
    for (i = 1; i <= n && torch_by[file] == ""; ++i) if (reaches_torch(list[i])) torch_by[file] = list[i]
    return torch_by[file] != ""
  }
  function way_to_torch(file) { return file in torch_by && file != torch_by[file] ? file " > " way_to_torch(torch_by[file]) : file }

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
    module_of[FILENAME] = module
    if ($0 ~ /^#include "/) ours[FILENAME] = ours[FILENAME] " " (target ~ /^pocketstyle\// ? "include/" : "src/") target
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
    else if (target ~ /^lcms2\.h/) name = "lcms2"
    else if (target ~ /^png\.h/) name = "libpng"
    else if (target ~ /^turbojpeg\.h/) name = "TurboJPEG"
    else if (target ~ /^webp\//) name = "libwebp"
    else if (target ~ /^libheif\//) name = "libheif"
    else if (target ~ /^yaml-cpp\//) name = "yaml-cpp"
    else if (target ~ /^CLI\//) name = "CLI11"
    else if (target ~ /^nlohmann\//) name = "nlohmann_json"
    else if (target ~ /^openssl\//) name = "OpenSSL"
    else if (target ~ /^kainjow\//) name = "Mustache"
    else if (target ~ /^zlib/) name = "zlib"
    else if (target ~ /^boost\//) name = "Boost"
    else if (target ~ /^sqlite3/) name = "SQLite"
    else if (target ~ /^iostream$/) name = "iostream"
    if (name == "LibTorch") torch_by[FILENAME] = FILENAME
    if (name != "" && !((module, name) in library)) {
      print FILENAME ":" FNR ": " module " may not include " name " (" target ")"; bad = 1
    }
    ++checked
  }
  END {
    for (file in module_of)
      if (!((module_of[file], "LibTorch") in library) && reaches_torch(file) && torch_by[file] != file) {
        print file ": " module_of[file] " may not include LibTorch, found it by " way_to_torch(file); bad = 1
      }
    if (bad) exit 1
    if (!checked) { print "check_layers.sh: found nothing to check"; exit 1 }
    print checked " includes follow docs/architecture.md"
  }' docs/architecture.md $(find src include -name '*.h' -o -name '*.cpp' | sort)

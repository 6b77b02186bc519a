#!/usr/bin/env bash
# Trains the models that are shipped in models/, and puts them there with their records: every network of each style picture. A network
# begins with the shipped weights of its architecture for the same style. Where there are none, slim and pocket begin with what they take
# from the style's bottleneck and micro networks, the others with The Starry Night's. After scripts/build.sh. As many at once as there are
# cores, one thread each, since a step of one photo uses two threads badly. If it is stopped, the same command continues.
#   scripts/release/train_models.sh STYLE_PICTURE...      such as: scripts/release/train_models.sh third_party/styles/*.jpg
# NETWORKS: only these, such as "original slim". STEPS: another number of steps than configs/models.yaml's.
. "$(dirname "$0")/../common.sh"
[ $# -gt 0 ] || die "expected style pictures"

# train NETWORK STYLE PICTURE
train() {
  local run=runs/models/$2/$1 init=models/$2/$1.safetensors
  if [ ! -f "$init" ]; then
    case $1 in
      slim) init=models/$2/bottleneck.safetensors ;;
      pocket) init=models/$2/micro.safetensors ;;
      *) init=models/starry_night/$1.safetensors ;;
    esac
  fi
  train_to_end "$run" configs/models.yaml --set net.preset="$1" --set style.image="$3" --set train.init="$init" \
    ${STEPS:+--set "train.steps=$STEPS"} --set run.threads=1
  mkdir -p "models/$2"
  cp "$run/final.safetensors" "models/$2/$1.safetensors"
  # Paths in a configuration are relative to it. The weights that it began with are replaced here; their hash is in the new ones. Style
  # pictures that are not in the repository are named only.
  sed "s|^\( *init:\).*|\1 none|; s|^\( *image:\) [^#]*/|\1 ../../third_party/styles/|; s|$root/|../../|" "$run/config.yaml" \
    >"models/$2/$1.yaml"
  cp "$run/metrics.jsonl" "models/$2/$1.jsonl"
  echo "models/$2/$1: validation loss $(validation_losses "$run/metrics.jsonl" | sed -n '1p; $s/^/to /p' | paste -sd' ')"
}

if [ "$1" = --one ]; then
  train "$2" "$3" "$4"
  exit
fi
for network in ${NETWORKS:-bottleneck mini micro original slim pocket}; do
  for picture in "$@"; do printf '%s\0' "$network" "$(basename "${picture%.*}")" "$picture"; done
done | OMP_NUM_THREADS=1 xargs -0 -n 3 -P "$(nproc)" "$root/$script" --one

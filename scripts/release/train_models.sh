#!/usr/bin/env bash
# Trains the models that are shipped in models/ and puts them there with their records. Each begins with the shipped weights of its
# architecture: of the same style if there are any, else of The Starry Night. After scripts/build.sh. About 3 minutes per network on
# 2 cores with bfloat16. If it is stopped, the same command continues.
#   scripts/release/train_models.sh STYLE      such as: scripts/release/train_models.sh mosaic
. "$(dirname "$0")/../common.sh"
style=${1:?train_models.sh STYLE}

for net in original bottleneck mini micro; do
  run=runs/models/$style/$net
  init=models/$style/$net.safetensors
  [ -f "$init" ] || init=models/starry_night/$net.safetensors
  if [ ! -f "$run/final.safetensors" ]; then
    if compgen -G "$run/checkpoints/step-*.safetensors" >/dev/null; then
      "$pocketstyle" train --resume "$run"
    else
      "$pocketstyle" train configs/models.yaml --set net.preset="$net" --set style.image="third_party/styles/$style.jpg" \
        --set train.init="$init" --set run.folder="$run"
    fi
  fi
done

mkdir -p "models/$style"
for net in original bottleneck mini micro; do
  run=runs/models/$style/$net
  cp "$run/final.safetensors" "models/$style/$net.safetensors"
  # Paths in a configuration are relative to it. The weights that it began with are replaced here; their hash is in the new ones.
  sed "s|^\( *init:\).*|\1 \"\"|; s|$root/|../../|" "$run/config.yaml" >"models/$style/$net.yaml"
  cp "$run/metrics.jsonl" "models/$style/$net.jsonl"
done

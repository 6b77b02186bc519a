#!/usr/bin/env bash
# Sends pictures and videos of many kinds, made here, through `stylize --strength 0`, which must give them back as they
# are, and compares them with what ImageMagick and ffmpeg read. Prints a table, and fails if one is lost or wrong.
#   scripts/dev/test_corpus.sh [--fast]      # --fast: every tenth
# Exit code 77: ImageMagick or ffmpeg is missing (Debian: imagemagick, ffmpeg, colord-data for more profiles).
. "$(dirname "$0")/../common.sh"
command -v convert >/dev/null && command -v compare >/dev/null && command -v ffmpeg >/dev/null || exit 77
nth=1
[ "${1:-}" = --fast ] && nth=10
model=$root/models/mosaic/micro.safetensors
profiles=/usr/share/color/icc/colord
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in" "$work/clips" "$work/expected"
cd "$work"
set +e  # a file that cannot be made or read is a row of the table
convert "$root/third_party/photos/val/city10.jpg" -resize '64x48!' -strip base.png
convert base.png \( -size 64x48 gradient:white-black \) -alpha off -compose copy_opacity -composite alpha.png
count=0
# picture NAME.EXTENSION OPTIONS...: convert makes it; every nth.
picture() {
  count=$((count + 1))
  [ $((count % nth)) -ne 0 ] || convert "${@:2}" "in/$1" 2>/dev/null || rm -f "in/$1"
}
# turn_jpeg FILE ORIENTATION: EXIF with nothing else in it, after the first two bytes.
turn_jpeg() {
  [ -e "$1" ] || return 0
  { head -c 2 "$1"
    printf '\xFF\xE1\0\042Exif\0\0MM\0*\0\0\0\010\0\001\001\022\0\003\0\0\0\001\0'"\\x$2"'\0\0\0\0\0\0'
    tail -c +3 "$1"; } >turned && mv turned "$1"
}

for profile in none AdobeRGB1998 ProPhotoRGB WideGamutRGB SwappedRedAndGreen Gamma5500K sRGB; do
  embed=()
  if [ $profile != none ]; then
    [ -e "$profiles/$profile.icc" ] || continue
    embed=(-profile "$profiles/$profile.icc")
  fi
  for kind in jpg png webp tif; do
    lossless=()
    [ $kind = webp ] && lossless=(-define webp:lossless=true)
    [ $kind = jpg ] && lossless=(-quality 98 -sampling-factor 1x1)
    for orientation in 1 2 3 4 5 6 7 8; do
      [ $orientation = 1 ] || [ $profile = none ] || [ $profile = AdobeRGB1998 ] || continue
      names=(- TopLeft TopRight BottomRight BottomLeft LeftTop RightTop RightBottom LeftBottom)
      turn=()
      [ $kind = tif ] && turn=(-orient "${names[orientation]}")
      [[ $orientation = 1 || $kind = tif || $kind = jpg ]] || continue  # ImageMagick writes no EXIF of its own
      picture "$kind-$profile-$orientation.$kind" base.png "${embed[@]}" "${turn[@]}" "${lossless[@]}"
      [ $kind = jpg ] && turn_jpeg "in/$kind-$profile-$orientation.$kind" $orientation
    done
  done
  picture "png16-$profile.png" base.png "${embed[@]}" -depth 16
  picture "tif16-$profile.tif" base.png "${embed[@]}" -depth 16
  picture "pngalpha-$profile.png" alpha.png "${embed[@]}"
  picture "webpalpha-$profile.webp" alpha.png "${embed[@]}" -define webp:lossless=true
  picture "heic-$profile.heic" base.png "${embed[@]}" -quality 98
  picture "avif-$profile.avif" base.png "${embed[@]}" -quality 98
done
for depth in 1 2 4 8 16; do
  picture "grey$depth.png" base.png -colorspace gray -depth $depth
  picture "palette$depth.png" base.png -colors $((depth > 7 ? 256 : 1 << depth)) -type palette -define png:color-type=3
done
picture greyalpha.png alpha.png -colorspace gray -define png:color-type=4
picture interlaced.png base.png -interlace PNG
picture jpeg-grey.jpg base.png -colorspace gray -quality 98
picture progressive.jpg base.png -interlace JPEG -quality 98
picture cmyk.jpg base.png -colorspace CMYK -quality 98
for sampling in 1x1 2x1 2x2 1x2; do picture "jpeg$sampling.jpg" base.png -sampling-factor $sampling -quality 98; done
picture renamed.jpg base.png -quality 98
[ ! -e in/renamed.jpg ] || mv in/renamed.jpg in/renamed.jfif
picture tif-jpeg.tif base.png -compress jpeg -quality 98
for pack in none lzw zip rle; do
  for depth in 8 16; do
    picture "tif-$pack$depth.tif" base.png -compress $pack -depth $depth
    picture "tif-$pack$depth-grey.tif" base.png -compress $pack -depth $depth -colorspace gray
    picture "tif-$pack$depth-alpha.tif" alpha.png -compress $pack -depth $depth
  done
  picture "tif-$pack-palette.tif" base.png -compress $pack -colors 100 -type palette
done
picture avifalpha.avif alpha.png -quality 98
picture heicalpha.heic alpha.png -quality 98
picture alpha.tif alpha.png
picture tif-grey.tif base.png -colorspace gray
picture rgb.bmp BMP3:base.png
picture palette.bmp base.png -colors 200 -type palette
picture a.ppm base.png
picture ppm-deep.ppm base.png -depth 16
picture pgm-grey.pgm base.png -colorspace gray
picture still.gif base.png
picture clear.gif alpha.png -channel A -threshold 50% +channel
for size in 1x1 2x3 7x5 33x31 640x3; do for kind in png jpg webp; do picture "$size-$kind.$kind" base.png -resize "$size!"; done; done

# compared NAME FOUND EXPECTED LIMIT: a row of the table.
rows=0
failed=0
compared() {
  local levels verdict=ok
  levels=$(compare -metric MAE "$2" "$3" null: 2>&1 | sed -n 's/.*(\(.*\)).*/\1/p' | awk '{ printf "%.2f", 255 * $1 }')
  awk -v l="${levels:-999}" -v m="$4" 'BEGIN { exit !(l > m) }' && verdict=WRONG
  row "$1" "${levels:-lost}" "$verdict"
}
row() {
  rows=$((rows + 1))
  [ "$3" = ok ] || failed=$((failed + 1))
  printf '%-32s %8s  %s\n' "$1" "$2" "$3"
}

printf '%-32s %8s\n' file levels
"$pocketstyle" stylize "$model" in -o out --strength 0 --format png --threads 1 >log 2>&1 || true
for file in in/*; do
  name=$(basename "$file")
  found=out/${name%.*}.png
  expected=expected/${name%.*}.png
  to_srgb=()
  if [ -e $profiles/sRGB.icc ] && identify -format '%[profile:icc]' "$file[0]" 2>/dev/null | grep -q .; then
    to_srgb=(-profile "$profiles/sRGB.icc")
  fi
  [[ $name != *.jfif ]] || file=jpeg:$file  # a name that ImageMagick does not know
  convert "$file[0]" -auto-orient +repage "${to_srgb[@]}" -strip -colorspace sRGB -background white -flatten -depth 8 "PNG24:$expected" 2>/dev/null
  if [ -e "$found" ]; then
    convert "$found" -background white -flatten "PNG24:flat.png"
    limit=1.6
    [[ $name = heic* || $name = avif* || $name = *CMYK* || $name = cmyk* ]] && limit=3
    compared "$name" flat.png "$expected" $limit
  else
    row "$name" lost "WRONG: $(grep -F "$name" log | tail -1)"
  fi
done

# clip NAME.EXTENSION ffmpeg's options: a second of a moving picture with a tone. It is smooth: the results' 4:2:0 has no
# room for sharp edges of colour, which would be all that is compared.
convert base.png -blur 0x3 smooth.png
sound_at=0  # when the tone begins, in seconds
clip() {
  count=$((count + 1))
  [ $((count % nth)) -ne 0 ] ||
    ffmpeg -v error -y -loop 1 -r 10 -t 1 -i smooth.png -itsoffset $sound_at -f lavfi -i sine=d=1 "${@:2}" "clips/$1" 2>/dev/null ||
    rm -f "clips/$1"
}
for audio in aac libmp3lame ac3 flac alac libopus; do clip "h264-$audio.mp4" -c:v libx264 -c:a $audio -strict -2; done
for audio in aac pcm_s16le pcm_s24be adpcm_ima_qt alac libmp3lame; do clip "mpeg4-$audio.mov" -c:v mpeg4 -q:v 2 -c:a $audio; done
for audio in pcm_s16le libvorbis libopus flac wmav2 aac mp2 truehd; do clip "ffv1-$audio.mkv" -c:v ffv1 -c:a $audio -strict -2; done
for audio in pcm_s16le adpcm_ms adpcm_ima_wav libmp3lame pcm_mulaw; do clip "mjpeg-$audio.avi" -c:v mjpeg -q:v 2 -c:a $audio; done
for audio in wmav1 wmav2; do clip "wmv2-$audio.wmv" -c:v wmv2 -q:v 2 -c:a $audio; done
for audio in libvorbis libopus; do clip "vp9-$audio.webm" -c:v libvpx-vp9 -crf 10 -c:a $audio; done
sound_at=0.6
clip late-aac.mp4 -c:v libx264 -c:a aac
clip late-libopus.mkv -c:v libx264 -c:a libopus
clip late-wmav2.wmv -c:v wmv2 -q:v 2 -c:a wmav2
sound_at=0
clip mpeg2.mpg -c:v mpeg2video -q:v 2 -c:a mp2
clip h264.ts -c:v libx264 -c:a aac
clip flv.flv -c:v flv -q:v 2 -c:a libmp3lame -ar 44100
clip hevc.mp4 -c:v libx265 -c:a aac
clip av1.mkv -c:v libaom-av1 -cpu-used 8 -c:a libopus
clip h263.3gp -c:v libx264 -c:a aac -ar 16000
clip anim.gif -an -vf "hue=h=90*t,split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none"
clip anim.webp -an -vf "hue=h=90*t" -c:v libwebp_anim -lossless 1
for range in tv pc; do clip "range-$range.mp4" -vf "scale=out_range=$range,format=yuv420p" -color_range $range -c:v libx264 -c:a aac; done
for matrix in bt709 smpte170m; do clip "$matrix.mp4" -vf scale=out_color_matrix=$matrix -colorspace $matrix -c:v libx264; done
for transfer in smpte2084 arib-std-b67; do
  clip "hdr-$transfer.mov" -vf "zscale=tin=iec61966-2-1:pin=bt709:t=$transfer:p=bt2020:m=bt2020nc:npl=203,format=yuv420p10le" -c:v libx265 -c:a aac
done

frame() { ffmpeg -v error -y -i "$1" -frames:v 1 -vf "${3:+$3,}format=rgb24" -update 1 "$2" </dev/null; }
audio_times() {  # of the first packet and the last, after the video's start
  local start
  start=$(ffprobe -v quiet -select_streams v -show_entries stream=start_time -of csv=p=0 "$1" | head -1 | tr -d ,)
  ffprobe -v quiet -select_streams a -show_entries packet=pts_time -of csv=p=0 "$1" | tr -d , |
    awk -v s="$start" '/^-?[0-9]/ { if (first == "") first = $1 - s; last = $1 - s } END { print first == "" ? "none none" : first " " last }'
}
for file in clips/*; do
  [ -e "$file" ] || continue
  name=$(basename "$file")
  tone_map=
  [[ $name = hdr* ]] && tone_map="zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=mobius:peak=4.9261:desat=0,zscale=t=bt709:r=full,format=gbrp"
  if ! "$pocketstyle" stylize "$model" "$file" -o "$name.mp4" --strength 0 --crf 1 --threads 1 >log 2>&1; then
    row "$name" lost "WRONG: $(tail -1 log)"
    continue
  fi
  if [[ $name = *.webp ]]; then  # ffmpeg does not read these
    cp smooth.png expected.png
  else
    frame "$file" expected.png "$tone_map"
  fi
  frame "$name.mp4" found.png
  compared "$name" found.png expected.png 4
  before=$(audio_times "$file") after=$(audio_times "$name.mp4")
  awk -v a="$before" -v b="$after" 'function far(x, y) { return (x == "none") != (y == "none") || x - y > 0.15 || y - x > 0.15 }
    BEGIN { split(a, s); split(b, r); exit !(far(s[1], r[1]) || far(s[2], r[2])) }' &&
    row "$name: audio" "$after" "WRONG: from and to $before in the source"
done
echo "$((rows - failed)) passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$rows" -gt 0 ]

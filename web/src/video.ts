// SPDX-License-Identifier: Apache-2.0
// A video painted frame by frame with WebCodecs; its sound is kept. A bundle of its own: only those who paint videos fetch it.
import { ALL_FORMATS, BlobSource, BufferTarget, Conversion, getFirstEncodableVideoCodec, Input, Mp4OutputFormat, Output, QUALITY_HIGH, WebMOutputFormat } from 'mediabunny';
import { fit } from './pixels';

export interface VideoWork {
  file: Blob;
  side: number; // no side of the result is longer
  paint(frame: ImageData): Promise<ImageData>; // of the same size; what it throws ends the work
  progress(share: number): void;
}

export interface PaintedVideo {
  blob: Blob;
  extension: 'mp4' | 'webm';
  width: number;
  height: number;
  sound: 'kept' | 'none' | 'lost'; // lost: this browser cannot read or write it
}

const even = (side: number): number => Math.max(2, side - (side % 2)); // as encoders want it

export async function paintVideo({ file, side, paint, progress }: VideoWork): Promise<PaintedVideo> {
  const input = new Input({ source: new BlobSource(file), formats: ALL_FORMATS });
  if (!(await input.canRead().catch(() => false))) throw new Error('This is not a video that can be read. Use MP4, MOV or WebM.');
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Error('There is no picture in this file.');
  if (!(await track.canDecode())) throw new Error(`This browser cannot read videos of the kind ${(await track.getCodec()) ?? 'it has'}.`);
  const natural = fit(await track.getDisplayWidth(), await track.getDisplayHeight(), side);
  const width = even(natural.width), height = even(natural.height);
  const mp4 = (await getFirstEncodableVideoCodec(['avc', 'hevc'], { width, height })) !== null;
  const codec = await getFirstEncodableVideoCodec(mp4 ? ['avc', 'hevc'] : ['vp9', 'vp8', 'av1'], { width, height });
  if (codec === null) throw new Error('This browser cannot write videos.');

  const target = new BufferTarget();
  const output = new Output({ format: mp4 ? new Mp4OutputFormat() : new WebMOutputFormat(), target });
  const canvas = new OffscreenCanvas(width, height), context = canvas.getContext('2d', { willReadFrequently: true })!;
  const conversion = await Conversion.init({
    input, output, showWarnings: false,
    video: {
      codec, quality: QUALITY_HIGH, forceTranscode: true, allowTransformationMetadata: false, processedWidth: width, processedHeight: height,
      process: async (sample) => {
        sample.draw(context, 0, 0, width, height);
        context.putImageData(await paint(context.getImageData(0, 0, width, height)), 0, 0);
        return canvas;
      },
    },
  });
  if (!conversion.isValid) throw new Error('This browser cannot paint this video.');
  conversion.onProgress = progress;
  await conversion.execute();
  const heard = (await input.getPrimaryAudioTrack()) !== null;
  const lost = conversion.discardedTracks.some(({ track: { type } }) => type === 'audio');
  return {
    blob: new Blob([target.buffer!], { type: mp4 ? 'video/mp4' : 'video/webm' }), extension: mp4 ? 'mp4' : 'webm', width, height,
    sound: !heard ? 'none' : lost ? 'lost' : 'kept',
  };
}

// SPDX-License-Identifier: Apache-2.0
// The camera's frames, one after the other, as fast as they are processed.
import { messageOf } from './format';
import { pixelsOf } from './picture';

export interface Camera {
  stop(): void;
}

/** Calls `frame` with each picture until stop(); takes the next one when `frame` is done with the last. */
export async function startCamera(side: () => number, frame: (picture: ImageData) => Promise<void>, failed: (error: unknown) => void): Promise<Camera> {
  if (navigator.mediaDevices === undefined) throw new Error('The camera needs https or localhost.');
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).catch((error) => {
    throw new Error(`No camera: ${messageOf(error)}`);
  });
  const video = document.createElement('video');
  Object.assign(video, { srcObject: stream, playsInline: true, muted: true });
  await video.play();

  let running = true;
  const stop = (): void => {
    running = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  void (async () => {
    while (running) {
      await frame(pixelsOf(video, video.videoWidth, video.videoHeight, side()));
      await new Promise(requestAnimationFrame); // also waits while the page is hidden
    }
  })().catch((error) => {
    if (!running) return; // the last frame was given up
    stop();
    failed(error);
  });
  return { stop };
}

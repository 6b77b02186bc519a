// SPDX-License-Identifier: Apache-2.0
// Asks the worker that mixes: one request at a time, and the newest wish next.
import type { Bytes } from '../pixels';
import type { Mix, Pair } from './mixer.worker';

declare const MIXER: string;

export class Mixer {
  private worker: Worker | undefined;
  private pair: (Pair & { width: number; height: number }) | undefined;
  private sent = false; // the worker has the pair
  private busy = false;
  private wish: Mix | undefined;
  private waiting: (() => void)[] = [];

  constructor(private readonly show: (picture: ImageData, mix: Mix) => void) {}

  /** What is mixed from now on. */
  set(photo: ImageData, styled: ImageData): void {
    this.pair = { photo: photo.data as Bytes, styled: styled.data as Bytes, width: photo.width, height: photo.height };
    this.sent = false;
  }

  mix(wish: Mix): void {
    this.wish = wish;
    if (!this.busy) this.next();
  }

  /** Resolves when nothing is left to mix. */
  done(): Promise<void> {
    return new Promise((done) => {
      this.waiting.push(done);
      if (!this.busy) this.next();
    });
  }

  private next(): void {
    const { pair, wish } = this;
    if (pair === undefined || wish === undefined) {
      for (const done of this.waiting.splice(0)) done();
      return;
    }
    this.wish = undefined;
    this.busy = true;
    this.worker ??= new Worker(MIXER, { type: 'module' });
    this.worker.onmessage = ({ data }: MessageEvent<Bytes>) => {
      this.busy = false;
      if (pair === this.pair) this.show(new ImageData(data, pair.width, pair.height), wish); // else another picture came meanwhile
      this.next();
    };
    this.worker.postMessage({ pair: this.sent ? undefined : { photo: pair.photo, styled: pair.styled }, mix: wish });
    this.sent = true;
  }

  close(): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.pair = undefined;
  }
}
